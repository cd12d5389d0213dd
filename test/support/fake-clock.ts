import type { Clock } from '#core/system/clock.js'

/** A clock that is turned by hand. Timers run in order of their time while it is turned. */
export class FakeClock implements Clock {
  #monotonic = 1_000_000
  #wall: number
  readonly #timers = new Map<number, { at: number; run: () => void }>()
  #ids = 0

  constructor(wall = Date.parse('2026-03-01T12:00:00')) {
    this.#wall = wall
  }

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(ms: number, run: () => void): () => void {
    const id = ++this.#ids
    this.#timers.set(id, { at: this.#monotonic + ms, run })
    return () => this.#timers.delete(id)
  }

  /** Sets wall time alone, as somebody who sets the clock does. */
  jump(ms: number): void {
    this.#wall += ms
  }

  /** Turns both clocks on, and lets what was waiting for that run to its next wait. */
  async turn(ms: number): Promise<void> {
    const until = this.#monotonic + ms
    for (;;) {
      await settled()
      const next = [...this.#timers].filter(([, timer]) => timer.at <= until).sort((a, b) => a[1].at - b[1].at)[0]
      if (next === undefined) break
      const [id, timer] = next
      this.#timers.delete(id)
      this.#wall += timer.at - this.#monotonic
      this.#monotonic = timer.at
      timer.run()
    }
    this.#wall += until - this.#monotonic
    this.#monotonic = until
    await settled()
  }
}

async function settled(): Promise<void> {
  for (let round = 0; round < 3; round++) await new Promise((resolve) => setImmediate(resolve))
}
