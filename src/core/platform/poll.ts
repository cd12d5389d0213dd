import { type Clock, sleep } from './clock.js'

export interface PollOptions {
  readonly intervalMs: number
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/**
 * Probes every `intervalMs` until a probe returns something else than undefined, and returns that. Returns undefined after
 * `timeoutMs`, or once the signal aborts. It probes at once, and at least once.
 */
export async function pollUntil<T>(
  clock: Clock,
  { intervalMs, timeoutMs, signal }: PollOptions,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T | undefined> {
  const until = clock.monotonic() + timeoutMs
  for (;;) {
    const found = await probe()
    if (found !== undefined || signal?.aborted || clock.monotonic() >= until) return found
    await sleep(clock, intervalMs, signal)
  }
}
