import type { Settings } from '#core/config/schema.js'
import { timings } from '#core/config/timings.js'

/** The settings of the policy: how long the watchdog waits, and how often it acts. Times are in milliseconds. */
export interface Rules {
  readonly checkIntervalMs: number
  readonly freezeThresholdMs: number
  readonly startTimeoutMs: number
  readonly restartDelayMs: number
  /** Restarts in any hour. */
  readonly maxRestarts: number
  /** The longest wait of a restart for memory for a bot that is busy. */
  readonly busyMaxMs: number
  /** True where a frozen bot is restarted; else there is only an alert. */
  readonly restarts: boolean
}

/** Returns the rules that the settings give. */
export function rulesOf(settings: Settings): Rules {
  const { checkIntervalMs, freezeThresholdMs, startTimeoutMs, restartDelayMs, busyMaxMs } = timings(settings)
  return {
    checkIntervalMs,
    freezeThresholdMs,
    startTimeoutMs,
    restartDelayMs,
    maxRestarts: settings.WATCHDOG_MAX_RESTARTS,
    busyMaxMs,
    restarts: settings.WATCHDOG_RESTART_ON_FREEZE,
  }
}
