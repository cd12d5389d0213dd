import type { Clock } from '#core/platform/clock.js'

interface Timer {
  readonly at: number
  readonly run: () => void
}

/** What the loop has under way when it waits for more than the clock. */
const UNDER_WAY = new Set(['TCPSocketWrap', 'TCPConnectWrap', 'FSReqCallback', 'FSReqPromise', 'CloseReq'])

/** How much is turned at once while something is waited for. */
const STEP_MS = 50

/**
 * A clock that is turned by hand. Timers run in order of their time while it is turned, and it stands still while a real
 * request or a real file is waited for.
 */
export class FakeClock implements Clock {
  #monotonic = 1_000_000
  #wall: number
  readonly #timers = new Set<Timer>()

  constructor(wall = Date.parse('2026-03-01T12:00:00Z')) {
    this.#wall = wall
  }

  now(): number {
    return this.#wall
  }

  monotonic(): number {
    return this.#monotonic
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#monotonic + ms, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Sets wall time alone, as somebody who sets the clock does. */
  jump(ms: number): void {
    this.#wall += ms
  }

  /** Turns both clocks on, and lets what was waiting for that run to its next wait. */
  async turn(ms: number): Promise<void> {
    const end = this.#monotonic + ms
    for (;;) {
      await settled()
      const timer = this.#next(end)
      if (timer === undefined) break
      this.#timers.delete(timer)
      this.#set(timer.at)
      timer.run()
    }
    this.#set(end)
  }

  /** Turns both clocks on until this is done; fails where it never is. */
  async turnUntil<T>(work: Promise<T>, ms = 3_600_000): Promise<T> {
    let isDone = false
    const done = () => {
      isDone = true
    }
    work.then(done, done)
    for (let turned = 0; !isDone; turned += STEP_MS) {
      if (turned > ms) throw new Error(`it is not done within ${ms / 1000} s`)
      await this.turn(STEP_MS)
    }
    return work
  }

  /** The first timer that is due by then. */
  #next(end: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer
    return next
  }

  #set(monotonic: number): void {
    this.#wall += monotonic - this.#monotonic
    this.#monotonic = monotonic
  }
}

/** Runs all that can go on by itself. */
async function settled(): Promise<void> {
  for (let calm = 0; calm < 2; ) {
    await new Promise((resolve) => setImmediate(resolve))
    calm = process.getActiveResourcesInfo().some((one) => UNDER_WAY.has(one)) ? 0 : calm + 1
  }
}
