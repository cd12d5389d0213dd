/** Both clocks and every timer of the program. Tests pass one that they advance by hand. */
export interface Clock {
  /** Wall time, in milliseconds since 1970. It may jump: use it for what people read, never for intervals. */
  now(): number
  /** Milliseconds on a clock that never jumps back. For intervals only. */
  monotonic(): number
  /** Calls `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void
}

/** The longest delay that setTimeout takes; a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic() {
    const [seconds, ns] = process.hrtime() // performance.now() reads the same clock, and makes node load ten modules
    return seconds * 1000 + ns / 1e6
  },
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms`, or at once when the signal aborts; it never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const finish = () => {
      cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.after(ms, finish)
    signal?.addEventListener('abort', finish)
  })
}

/**
 * Calls `run` every `ms`, first after `ms`; the returned function stops it. A round that takes longer delays the next.
 */
export function every(clock: Clock, ms: number, run: () => void | Promise<void>): () => void {
  return repeat(clock, ms, async () => {
    await run()
    return ms
  })
}

/**
 * Calls `run` after `firstMs`, and again after as many ms as it returned, never twice at once; the returned function
 * stops it. A round that is under way then goes on: `isStopped` tells it.
 */
export function repeat(clock: Clock, firstMs: number, run: (isStopped: () => boolean) => Promise<number>): () => void {
  let isOver = false
  let cancel = () => {}
  const next = (ms: number) => {
    cancel = clock.after(ms, async () => {
      const pauseMs = await run(() => isOver)
      if (!isOver) next(pauseMs)
    })
  }
  next(firstMs)
  return () => {
    isOver = true
    cancel()
  }
}

/** Resolves to the promise's value, or to `undefined` after `ms`. The promise itself goes on. */
export function within<T>(clock: Clock, ms: number, promise: Promise<T>): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => resolve(undefined))
    promise.then(resolve, reject).finally(cancel)
  })
}
