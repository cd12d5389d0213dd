import { setImmediate as settle } from 'node:timers/promises'
import type { Clock } from '#core/platform/clock.js'

/** A clock whose timers run when a test says so, while a browser and a server go on in real time. */
export class HandClock implements Clock {
  #at: number
  #timers = new Set<() => void>()

  constructor(at: number) {
    this.#at = at
  }

  now(): number {
    return this.#at
  }

  monotonic(): number {
    return this.#at
  }

  after(_ms: number, run: () => void): () => void {
    this.#timers.add(run)
    return () => void this.#timers.delete(run)
  }

  /** The number of timers that wait. */
  get waiting(): number {
    return this.#timers.size
  }

  /** Turns the clock on, and runs each timer that waits. */
  async turn(ms: number): Promise<void> {
    this.#at += ms
    for (const run of [...this.#timers]) {
      this.#timers.delete(run)
      run()
    }
    await settle()
  }
}
