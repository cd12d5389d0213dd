import { NO_COUNTS } from '#core/health/counters.js'
import { HealthMonitor, type MonitorOptions } from '#core/health/monitor.js'
import type { Clock } from '#core/platform/clock.js'

/** Returns the monitor of a bot with a cycle every 30 s, with what differs from that. */
export function aMonitor(clock: Clock, changes: Partial<MonitorOptions> = {}): HealthMonitor {
  return new HealthMonitor(clock, {
    limits: { startTimeoutMs: 60_000, freezeThresholdMs: 300_000 },
    signals: [{ name: 'cycle', setMs: 30_000 }],
    counters: NO_COUNTS,
    ...changes,
  })
}
