import { type Clock, sleep } from '#core/platform/clock.js'
import type { Health } from './client.js'

const BETWEEN_MS = 500

/**
 * Asks until the answer is `healthy` or the time is over, and returns the last answer. `unknown` ends it at once:
 * waiting would not change it.
 */
export async function waitForHealthy(
  clock: Clock,
  options: {
    ms: number
    ask: (timeoutMs: number) => Promise<Health>
    longestAnswerMs: number
    onWait?: (health: Health) => void
  },
): Promise<Health> {
  const until = clock.monotonic() + options.ms
  for (;;) {
    const left = until - clock.monotonic()
    const health = await options.ask(Math.max(1, Math.min(options.longestAnswerMs, left)))
    if (health.status === 'healthy' || health.status === 'unknown' || clock.monotonic() + BETWEEN_MS > until)
      return health
    options.onWait?.(health)
    await sleep(clock, BETWEEN_MS)
  }
}
