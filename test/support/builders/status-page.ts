import { History } from '#core/health/history/history.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { NO_FACTS } from '#core/health/page/facts.js'
import { StatusPage, type StatusPageOptions } from '#core/health/page/status-page.js'
import { type HealthReport, healthReport } from '#core/health/report.js'
import type { Clock } from '#core/platform/clock.js'

const GAUGES = { disk: undefined, gpu: undefined, eventLoopLagMs: 1, clockOffsetSeconds: null }
const IDENTITY = { name: 'a bot', version: '1.2.3', release: null, environment: 'test', features: {} }

/** Returns the report of a monitor, with what differs from that of a bot in its working tree. */
export function aReport(monitor: HealthMonitor, clock: Clock, changes: Partial<HealthReport> = {}): HealthReport {
  return { ...healthReport(monitor, GAUGES, IDENTITY, clock.now()), ...changes }
}

/** Returns the status page of a bot without a past, with what differs from that. */
export function aStatusPage(
  clock: Clock,
  options: Pick<StatusPageOptions, 'report'> & Partial<StatusPageOptions>,
): StatusPage {
  return new StatusPage(clock, {
    history: new History(),
    facts: async () => NO_FACTS,
    clean: (text) => text,
    assets: { href: (name) => `/page/assets/${name}`, read: () => undefined },
    ...options,
  })
}
