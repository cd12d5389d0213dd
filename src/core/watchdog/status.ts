import { type AlertsStatus, alertsStatus } from '#core/alerts/status.js'
import type { Settings } from '#core/config/schema.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { readInstalled } from '#core/home/installed-services.js'
import { readHolderNow } from '#core/home/lock.js'
import { type Pause, pauseOf } from '#core/home/pause.js'
import { sharedServiceOf } from '#core/home/shared-watchdog.js'
import { isWatchdogAwake } from '#core/home/watchdog-awake.js'
import { type Attention, type Incident, incidentName, isCrashLoop, isOpen } from '#core/incidents/incident.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { ownerOf } from '#core/platform/process/users.js'
import { isoOf, localTime } from '#core/text.js'
import { restartsInWindow, restartsLeft, WINDOW_MS } from './policy/restart-budget.js'
import { rulesOf } from './policy/rules.js'
import type { WatchdogHolder } from './run/claim-watch.js'
import { readWatchdogFile, type WatchdogFile } from './watchdog-file.js'

/** The output of `watchdog status --json`. Times are ISO 8601. */
export interface WatchdogStatus {
  readonly running: boolean
  /** True where WATCHDOG_ENABLED lets it run. */
  readonly enabled: boolean
  readonly pid: number | null
  /** True where all homes of the owner share it, or would, once it runs. */
  readonly shared: boolean
  /** The pause in which it does nothing, as for maintenance; null: it is not paused. */
  readonly paused: Pause | null
  /** The bot's status at the last observation; null for silence, or where there was none yet. */
  readonly bot: string | null
  /** The time of the last observation. It is long ago where {@link late} is set: `bot` is the status of then. */
  readonly last_check: string | null
  /**
   * True where its next observation is long overdue although it runs: it can't write it down, as on a full disk, or is
   * restarting the bot.
   */
  readonly late: boolean
  readonly next_check: string | null
  readonly restarts_used: number
  readonly restarts_left: number
  /** The time from which the next restart is possible; null: at once. */
  readonly next_restart: string | null
  readonly incident:
    | (Omit<Incident, 'since' | 'recoveredAt' | 'attention'> & {
        /** The name by which `incident show` finds it. */
        readonly name: string
        readonly since: string
        readonly recovered: string | null
        readonly crash_loop: boolean
        /** The reason for which nothing more is done; null for an incident that doesn't need attention. */
        readonly attention: { readonly why: Attention['why']; readonly next_restart: string | null } | null
      })
    | null
  /** The alerts to the admin; null where reading them is not permitted. */
  readonly alerts: AlertsStatus | null
}

/** Reads the watchdog's status from its file. */
export async function watchdogStatus(paths: HomePaths, settings: Settings, wall: number): Promise<WatchdogStatus> {
  const holder = readHolderNow<WatchdogHolder>(paths.watchdogLock)
  const running = holder !== undefined && (await isRunning(holder))
  const file = readWatchdogFile(paths)
  const used = restartsInWindow(file?.restarts ?? [], wall).sort((a, b) => a - b)
  const rules = rulesOf(settings)
  const left = restartsLeft({ restarts: used }, wall, rules)
  const oldest = used[used.length - settings.WATCHDOG_MAX_RESTARTS]
  return {
    running,
    enabled: settings.WATCHDOG_ENABLED,
    pid: running ? holder.pid : null,
    shared: running ? holder.shared !== undefined : isSharedByRecord(paths),
    paused: pauseOf(paths, wall) ?? null,
    bot: file?.status ?? null,
    last_check: isoOf(file?.checked_at),
    late: running && file !== undefined && !isWatchdogAwake(paths, rules.checkIntervalMs, wall),
    next_check: running ? isoOf(file?.next_check_at) : null,
    restarts_used: used.length,
    restarts_left: left,
    next_restart: left > 0 || oldest === undefined ? null : isoOf(oldest + WINDOW_MS),
    incident: file?.incident ? incidentStatus(file.incident) : null,
    alerts: alertsStatus(paths, wall),
  }
}

/** Returns whether the shared watchdog is installed, and none for this home alone. */
function isSharedByRecord(paths: HomePaths): boolean {
  return readInstalled(paths).watchdog === undefined && sharedServiceOf(ownerOf(paths.home)) !== undefined
}

/** Returns how a watchdog is in one line, for its service manager. `pause` is the one that holds now. */
export function watchdogLine(
  { status, restarts, incident }: WatchdogFile,
  settings: Settings,
  wall: number,
  pause?: Pause,
): string {
  const left = restartsLeft({ restarts }, wall, rulesOf(settings))
  const open = isOpen(incident ?? undefined) ? `, incident ${incidentName(incident as Incident)}` : ''
  const paused = pause === undefined ? '' : `paused until ${localTime(pause.until)}, `
  return `${paused}the bot is ${status ?? 'unreachable'}: ${left} of ${settings.WATCHDOG_MAX_RESTARTS} restarts left${open}`
}

function incidentStatus({ since, recoveredAt, attention: last, ...incident }: Incident): WatchdogStatus['incident'] {
  const attention = incident.state === 'needs_attention' ? last : undefined // it keeps that of before its recovery
  return {
    name: incidentName(incident),
    ...incident,
    since: new Date(since).toISOString(),
    recovered: isoOf(recoveredAt),
    crash_loop: isCrashLoop(incident),
    attention: attention === undefined ? null : { why: attention.why, next_restart: isoOf(attention.nextRestartAt) },
  }
}
