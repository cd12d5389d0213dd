import type { Rules } from '#core/watchdog/policy.js'

/** The defaults, but for a quicker start. */
export const RULES: Rules = {
  intervalMs: 60_000,
  thresholdMs: 300_000,
  startTimeoutMs: 120_000,
  restartDelayMs: 10_000,
  maxRescues: 3,
  restarts: true,
}
