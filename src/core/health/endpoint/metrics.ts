import type { HealthReport } from '#core/health/report.js'
import { STATUSES } from '#core/health/status.js'

/** Returns the report in Prometheus' text format 0.0.4, without the figures that aren't known. */
export function metricsText(report: HealthReport): string {
  const gauge = (name: string, help: string, value: number | null | undefined) =>
    value === null || value === undefined ? '' : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`
  return [
    '# HELP catalyst_status Status of the bot: 1 for the one it is in.\n# TYPE catalyst_status gauge\n',
    ...STATUSES.map((status) => `catalyst_status{status="${status}"} ${status === report.status ? 1 : 0}\n`),
    gauge('catalyst_uptime_seconds', 'Seconds since the bot was started.', report.uptime_seconds),
    gauge('catalyst_last_cycle_seconds_ago', 'Seconds since the last cycle ended.', report.last_cycle_seconds_ago),
    `# HELP catalyst_cycles_total Cycles since the start.\n# TYPE catalyst_cycles_total counter\ncatalyst_cycles_total ${report.total_cycles}\n`,
    gauge('catalyst_cycles_today', 'Cycles since local midnight.', report.cycles_today),
    gauge('catalyst_alerts_today', 'Alerts since local midnight.', report.alerts_today),
    gauge('catalyst_alerts_week', 'Alerts in the last 7 days.', report.alerts_week),
    gauge('catalyst_errors_last_hour', 'Errors in the last 60 minutes.', report.errors_last_hour),
    gauge('catalyst_cycle_seconds_p50', 'Median seconds that a cycle takes.', report.cycle_seconds_p50),
    gauge('catalyst_cycle_seconds_p95', '95th percentile of the seconds that a cycle takes.', report.cycle_seconds_p95),
    gauge('catalyst_event_loop_lag_ms', 'Delay of the event loop in milliseconds.', report.event_loop_lag_ms),
    gauge('catalyst_busy', 'Whether the bot has said that it must not be interrupted.', report.busy === null ? 0 : 1),
    gauge(
      'catalyst_clock_offset_seconds',
      "Seconds that this machine's clock is ahead of the time server.",
      report.clock_offset_seconds,
    ),
    gauge('catalyst_rss_megabytes', 'Resident memory of the bot process in MiB.', report.rss_mb),
    gauge('catalyst_disk_free_gigabytes', 'Free space of the disk with the data, in GB.', report.disk_free_gb),
    gauge('catalyst_gpu_utilization_percent', 'Utilization of the busiest GPU.', report.gpu_utilization),
    gauge('catalyst_vram_used_megabytes', 'GPU memory in use, in MiB.', report.vram_used_mb),
    ...Object.entries(report.services).map(
      ([name, state], index) =>
        `${index === 0 ? '# HELP catalyst_service_up Whether a service the bot needs answers.\n# TYPE catalyst_service_up gauge\n' : ''}catalyst_service_up{service="${name}"} ${state === 'healthy' ? 1 : 0}\n`,
    ),
  ].join('')
}
