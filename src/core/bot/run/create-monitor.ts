import { signalsAtStart } from '#core/bot/proof/signals-of.js'
import type { Settings } from '#core/config/schema.js'
import { timings } from '#core/config/timings.js'
import { keepCounters } from '#core/health/counters-file.js'
import { HealthMonitor } from '#core/health/monitor.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Redact } from '#core/logging/redact.js'
import type { Clock } from '#core/platform/clock.js'

/** Returns the monitor for the bot that the settings name, with the day's and the week's counts of earlier runs. */
export function createMonitor(clock: Clock, paths: HomePaths, settings: Settings, redact: Redact) {
  const counters = keepCounters(clock, paths.counters, (fault) => monitor.setFault('counters', fault))
  const monitor: HealthMonitor = new HealthMonitor(clock, {
    limits: {
      startTimeoutMs: timings(settings).startTimeoutMs,
      freezeThresholdMs: timings(settings).freezeThresholdMs,
    },
    signals: signalsAtStart(settings),
    counters: counters.read(),
    redact,
    onCount: counters.changed,
  })
  return { monitor, flushCounters: counters.flush }
}
