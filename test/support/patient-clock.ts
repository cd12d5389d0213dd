import type { Clock } from '#core/system/clock.js'

const NOON = Date.parse('2026-03-01T12:00:00Z')

/** What the loop has under way when it waits for more than the clock. */
const UNDER_WAY = new Set(['TCPSocketWrap', 'TCPConnectWrap', 'FSReqCallback', 'FSReqPromise'])

/** Runs all that can go on by itself. */
async function settled(): Promise<void> {
  for (let calm = 0; calm < 2; ) {
    await new Promise((resolve) => setImmediate(resolve))
    calm = process.getActiveResourcesInfo().some((one) => UNDER_WAY.has(one)) ? 0 : calm + 1
  }
}

/** A fake clock for long times: it stands still while a real request or a real file is waited for. */
export class PatientClock implements Clock {
  #now = 1_000_000
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>()

  now(): number {
    return NOON + this.#now
  }

  monotonic(): number {
    return this.#now
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run }
    this.#timers.add(timer)
    return () => void this.#timers.delete(timer)
  }

  /** Turns both clocks on, and lets what waits for that run to its next wait. */
  async turn(ms: number): Promise<void> {
    const until = this.#now + ms
    for (;;) {
      await settled()
      let next: { readonly at: number; readonly run: () => void } | undefined
      for (const timer of this.#timers)
        if (timer.at <= until && (next === undefined || timer.at < next.at)) next = timer
      if (next === undefined) break
      this.#timers.delete(next)
      this.#now = next.at
      next.run()
    }
    this.#now = until
  }
}
