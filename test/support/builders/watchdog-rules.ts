import type { Rules } from '#core/watchdog/policy/rules.js'

/** The defaults, but for a quicker start. */
export const RULES: Rules = {
  checkIntervalMs: 60_000,
  freezeThresholdMs: 300_000,
  startTimeoutMs: 120_000,
  restartDelayMs: 10_000,
  maxRestarts: 3,
  busyMaxMs: 600_000,
  restarts: true,
}
