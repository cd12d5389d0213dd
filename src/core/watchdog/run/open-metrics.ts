import { resolve } from 'node:path'
import type { Logger } from 'pino'
import { alertCounts } from '#core/alerts/status.js'
import { backupMetrics } from '#core/backup/backup-facts.js'
import type { Settings } from '#core/config/schema.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { pauseOf } from '#core/home/pause.js'
import { exposition } from '#core/metrics/exposition.js'
import { type MetricsFile, metricsFile } from '#core/metrics/metrics-file.js'
import type { Clock } from '#core/platform/clock.js'
import type { WatchdogFile } from '#core/watchdog/watchdog-file.js'
import { watchdogMetrics } from '#core/watchdog/watchdog-metrics.js'

/** Returns what keeps METRICS_FILE current, where that is set; `read` returns what the watchdog remembers. */
export function openMetrics(
  clock: Clock,
  paths: HomePaths,
  settings: Settings,
  log: Logger,
  read: () => WatchdogFile | undefined,
): MetricsFile | undefined {
  if (settings.METRICS_FILE === undefined) return undefined
  const text = (running: boolean) => {
    const wall = clock.now()
    const figures = { file: read(), running, pause: pauseOf(paths, wall), alerts: alertCounts(paths), settings, wall }
    const families = [...watchdogMetrics(figures), ...backupMetrics(paths, settings, wall)]
    return exposition(settings.BOT_NAME, families)
  }
  return metricsFile(clock, resolve(paths.home, settings.METRICS_FILE), text, (fault) =>
    fault === undefined ? log.info('METRICS_FILE can be written again') : log.warn(`METRICS_FILE: ${fault}`),
  )
}
