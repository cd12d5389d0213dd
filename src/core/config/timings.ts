import type { Settings } from './schema.js'

/** The settings that are times, in milliseconds: everything that waits or compares uses these, under these names. */
export interface Timings {
  readonly cycleMs: number
  readonly startTimeoutMs: number
  readonly stopTimeoutMs: number
  readonly restartDelayMs: number
  readonly checkIntervalMs: number
  readonly freezeThresholdMs: number
  readonly settleMs: number
  readonly busyMaxMs: number
}

/** Returns the times that the settings give in seconds. */
export function timings(settings: Settings): Timings {
  return {
    cycleMs: settings.BOT_CYCLE_SECONDS * 1000,
    startTimeoutMs: settings.BOT_START_TIMEOUT * 1000,
    stopTimeoutMs: settings.BOT_STOP_TIMEOUT * 1000,
    restartDelayMs: settings.SERVICE_RESTART_DELAY * 1000,
    checkIntervalMs: settings.WATCHDOG_CHECK_INTERVAL * 1000,
    freezeThresholdMs: settings.WATCHDOG_FREEZE_THRESHOLD * 1000,
    settleMs: settings.DEPLOY_SETTLE_SECONDS * 1000,
    busyMaxMs: settings.BOT_BUSY_MAX * 1000,
  }
}
