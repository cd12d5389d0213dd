import type { Settings } from '#core/config/schema.js'
import { keepCounters } from '#core/health/counters-file.js'
import { HealthMonitor } from '#core/health/monitor.js'
import type { HomePaths } from '#core/state/home-paths.js'
import type { Clock } from '#core/system/clock.js'
import { paceOf, proofAtStart } from './proof.js'

/** The monitor for what the settings say will run, with the day's and the week's counts of the runs before. */
export function createMonitor(clock: Clock, paths: HomePaths, settings: Settings) {
  const kind = settings.BOT_COMMAND === undefined ? 'module' : 'program'
  const proof = proofAtStart(settings, kind)
  const counters = keepCounters(clock, paths.counters, (fault) => monitor.setFault('counters', fault))
  const monitor: HealthMonitor = new HealthMonitor(clock, {
    limits: {
      startTimeoutMs: settings.BOT_START_TIMEOUT * 1000,
      freezeThresholdMs: settings.WATCHDOG_FREEZE_THRESHOLD * 1000,
    },
    proof,
    pace: paceOf(settings, kind, proof),
    counters: counters.read(),
    onCount: counters.changed,
  })
  return { monitor, flushCounters: counters.flush }
}
