import { type AlertCounts, alertCounts } from '#core/alerts/status.js'
import { backupMetrics } from '#core/backup/backup-facts.js'
import type { Settings } from '#core/config/schema.js'
import type { Health } from '#core/health/client.js'
import { STATUSES } from '#core/health/status.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { readHolderNow } from '#core/home/lock.js'
import { type Pause, pauseOf } from '#core/home/pause.js'
import { isCrashLoop, isOpen, WHYS } from '#core/incidents/incident.js'
import { type AnyFamily, byLabel, flag, gauge, stateSet, timestamp } from '#core/metrics/family.js'
import { hasExited } from '#core/platform/process/process-id.js'
import { restartsLeft } from './policy/restart-budget.js'
import { rulesOf } from './policy/rules.js'
import { NO_TOTALS } from './totals.js'
import { readWatchdogFile, type WatchdogFile } from './watchdog-file.js'

/** What the metrics of a watchdog are made of. Times are wall times, in ms since 1970. */
export interface WatchdogFigures {
  /** What it remembers; undefined where it has never checked. */
  readonly file: WatchdogFile | undefined
  readonly running: boolean
  /** Its pause; undefined while it is not paused. */
  readonly pause: Pause | undefined
  /** The alerts that did not go out; undefined where they can't be read. */
  readonly alerts: AlertCounts | undefined
  readonly settings: Settings
  readonly wall: number
}

/** The states of health that a check can find. */
const FOUND: readonly Health['status'][] = [...STATUSES, 'unreachable', 'unknown']
const LASTING = 'Survives restarts, of the watchdog too.'

/** Returns the metrics of a home's watchdog as its files have them, for a bot that is scraped. */
export function readWatchdogMetrics(paths: HomePaths, settings: Settings, wall: number): AnyFamily[] {
  const holder = readHolderNow(paths.watchdogLock)
  const own = watchdogMetrics({
    file: readWatchdogFile(paths),
    running: holder !== undefined && !hasExited(holder),
    pause: pauseOf(paths, wall),
    alerts: alertCounts(paths),
    settings,
    wall,
  })
  return [...own, ...backupMetrics(paths, settings, wall)]
}

/** Returns the metrics of a watchdog: the same ones at `/metrics` and in METRICS_FILE. */
export function watchdogMetrics(figures: WatchdogFigures): AnyFamily[] {
  const { file, running, settings } = figures
  return [
    gauge('catalyst_watchdog_enabled', 'Whether the settings let the watchdog run.', flag(settings.WATCHDOG_ENABLED)),
    gauge('catalyst_watchdog_running', 'Whether the watchdog of the bot runs.', flag(running)),
    gauge(
      'catalyst_watchdog_paused',
      'Whether a person has paused the watchdog, as for maintenance.',
      flag(figures.pause !== undefined),
    ),
    gauge(
      'catalyst_watchdog_paused_until_timestamp_seconds',
      'End of the pause; 0 while the watchdog is not paused.',
      timestamp(figures.pause === undefined ? 0 : Date.parse(figures.pause.until)),
    ),
    gauge(
      'catalyst_watchdog_last_check_timestamp_seconds',
      'Time of the last check of the bot.',
      timestamp(file?.checked_at),
    ),
    gauge(
      'catalyst_watchdog_check_interval_seconds',
      'Interval of the checks, by WATCHDOG_CHECK_INTERVAL.',
      settings.WATCHDOG_CHECK_INTERVAL,
    ),
    ...(file === undefined ? [] : botMetrics(file.status ?? 'unreachable')),
    ...restartMetrics(figures),
    ...incidentMetrics(file),
    ...alertMetrics(figures.alerts),
  ]
}

function botMetrics(found: string): AnyFamily[] {
  return [
    gauge(
      'catalyst_watchdog_bot_up',
      'Whether the bot worked at the last check: healthy or degraded.',
      flag(found === 'healthy' || found === 'degraded'),
    ),
    stateSet(
      'catalyst_watchdog_bot_status',
      'Health of the bot at the last check: 1 for the state that it was in.',
      'status',
      FOUND,
      FOUND.some((status) => status === found) ? found : 'unknown',
    ),
  ]
}

function restartMetrics({ file, settings, wall }: WatchdogFigures): AnyFamily[] {
  return [
    gauge(
      'catalyst_watchdog_restart_budget',
      'Restarts that the watchdog makes in any hour, by WATCHDOG_MAX_RESTARTS.',
      settings.WATCHDOG_MAX_RESTARTS,
    ),
    gauge(
      'catalyst_watchdog_restarts_left',
      'Restarts that are left of the budget at present.',
      restartsLeft({ restarts: file?.restarts ?? [] }, wall, rulesOf(settings)),
    ),
    byLabel(
      'counter',
      'catalyst_watchdog_restarts_total',
      `Restarts that the watchdog has begun, by the cause. ${LASTING}`,
      'why',
      ofAll(file?.totals?.restarts ?? NO_TOTALS.restarts),
    ),
    byLabel(
      'counter',
      'catalyst_watchdog_incidents_total',
      `Incidents that the watchdog has opened, by the cause. ${LASTING}`,
      'why',
      ofAll(file?.totals?.incidents ?? NO_TOTALS.incidents),
    ),
  ]
}

function incidentMetrics(file: WatchdogFile | undefined): AnyFamily[] {
  const incident = file?.incident ?? undefined
  const open = isOpen(incident) ? incident : undefined
  return [
    stateSet(
      'catalyst_watchdog_incident_open',
      'Whether an incident is open: 1 for its cause.',
      'why',
      WHYS,
      open?.why,
    ),
    gauge(
      'catalyst_watchdog_incident_since_timestamp_seconds',
      'Last sign of life before the open incident; missing while none is open.',
      timestamp(open?.since),
    ),
    gauge(
      'catalyst_watchdog_incident_needs_attention',
      'Whether the open incident waits for a person: the watchdog does nothing more about it for now.',
      flag(open?.state === 'needs_attention'),
    ),
    gauge(
      'catalyst_watchdog_crash_loop',
      'Whether the bot exits again and again.',
      flag(open !== undefined && isCrashLoop(open)),
    ),
  ]
}

/** Returns how many alerts did not go out, of every channel: each counter is there from the beginning on. */
function alertMetrics(alerts: AlertCounts | undefined): AnyFamily[] {
  return [
    byLabel(
      'gauge',
      'catalyst_watchdog_alerts_waiting',
      'Alerts for the admin that have not gone out yet, by the channel; none: no channel has been given them.',
      'channel',
      alerts?.waiting ?? {},
    ),
    byLabel(
      'counter',
      'catalyst_watchdog_alerts_given_up_total',
      `Alerts for the admin that were given up, by the channel that did not take them. ${LASTING}`,
      'channel',
      alerts?.givenUp ?? {},
    ),
  ]
}

/** Returns the counts of all causes: each counter is there from the beginning on, at 0. */
function ofAll(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(WHYS.map((why) => [why, counts[why] ?? 0]))
}
