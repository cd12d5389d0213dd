import type { Logger } from 'pino'
import { type Clock, every } from '#core/platform/clock.js'
import type { HealthReport } from './report.js'
import type { HealthState, Status } from './status.js'

/** The beginning of every log line about the status. */
export const STATUS_LINE = 'status: '

const POLL_INTERVAL_MS = 1000
const SUMMARY_MS = 60 * 60_000

/** What is read: the status each second, and all figures once an hour. */
export interface Read {
  readonly state: () => HealthState
  readonly report: () => HealthReport
}

/** Writes each change of status into health.log, and the figures once an hour. */
export function watchStatus(clock: Clock, log: Logger, { state, report }: Read): () => void {
  let last: Status | undefined
  const poll = () => {
    const { status, reasons } = state()
    if (status === last) return
    const text = [
      `${STATUS_LINE}${last ? `${last} → ` : ''}${status}`,
      ...(reasons.length > 0 ? [reasons.join('; ')] : []),
    ].join(': ')
    log[status === 'unhealthy' || status === 'degraded' ? 'warn' : 'info'](text)
    last = status
  }
  poll()
  const stops = [
    every(clock, POLL_INTERVAL_MS, poll),
    every(clock, SUMMARY_MS, () => {
      const { cycles_today, alerts_today, errors_last_hour, rss_mb, disk_free_gb } = report()
      log.info({ cycles_today, alerts_today, errors_last_hour, rss_mb, disk_free_gb }, 'hourly figures')
    }),
  ]
  return () => {
    poll()
    for (const stop of stops) stop()
  }
}
