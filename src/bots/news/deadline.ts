import { setMaxListeners } from 'node:events'

/** A signal that aborts after a time or with its parent, whichever comes first. */
export interface Deadline {
  readonly signal: AbortSignal
  /** True when the time ran out, false when the parent aborted (or nothing happened yet). */
  readonly expired: boolean
  /** Milliseconds left, never negative. */
  left(): number
  /** Removes the timer and the listener. Call it always, or a long-lived parent collects listeners. */
  end(): void
}

/**
 * Starts a deadline of `ms` milliseconds under `parent`.
 *
 * `AbortSignal.any` would be shorter, but on Node 20 each combined signal stays known to its long-lived parent, and a
 * bot makes thousands of them a day.
 */
export function deadline(parent: AbortSignal, ms: number): Deadline {
  const controller = new AbortController()
  // Forty feeds listening to one round are no leak.
  setMaxListeners(0, controller.signal)
  const endsAt = performance.now() + ms
  let expired = false
  const onParent = () => controller.abort(parent.reason)
  const timer = setTimeout(() => {
    expired = true
    controller.abort(new Error(`no answer within ${seconds(ms)}`))
  }, ms)
  if (parent.aborted) onParent()
  else parent.addEventListener('abort', onParent, { once: true })
  return {
    signal: controller.signal,
    get expired() {
      return expired
    },
    left: () => Math.max(0, endsAt - performance.now()),
    end() {
      clearTimeout(timer)
      parent.removeEventListener('abort', onParent)
    },
  }
}

/** Waits `ms` milliseconds, or less when the signal aborts. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done, { once: true })
  })
}

/** Formats milliseconds: `12000` → `12 s`, `50` → `0.05 s`. */
export function seconds(ms: number): string {
  return `${Number((ms / 1000).toFixed(2))} s`
}
