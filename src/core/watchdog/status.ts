import type { Settings } from '#core/config/schema.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readHolderNow } from '#core/state/lock.js'
import { isRunning } from '#core/system/processes.js'
import { isoOf } from '#core/text.js'
import { type Incident, incidentName } from './incident.js'
import { rescuesInWindow, rescuesLeft, rulesOf, WINDOW_MS } from './policy.js'
import { readWatchdogFile } from './watchdog-file.js'

/** What `watchdog status --json` says. Times are ISO 8601. */
export interface WatchdogStatus {
  readonly running: boolean
  /** Whether WATCHDOG_ENABLED lets it run. */
  readonly enabled: boolean
  readonly pid: number | null
  /** What the bot said at the last look; null for silence, or where there was none yet. */
  readonly bot: string | null
  readonly last_check: string | null
  readonly next_check: string | null
  readonly rescues_used: number
  readonly rescues_left: number
  /** When the next rescue is possible; null: at once. */
  readonly next_rescue: string | null
  readonly incident:
    | (Omit<Incident, 'since' | 'recoveredAt'> & {
        /** By which `incident show` finds it. */
        readonly name: string
        readonly since: string
        readonly recovered: string | null
      })
    | null
}

/** How the watchdog is, by what it keeps in its file. */
export async function watchdogStatus(paths: HomePaths, settings: Settings, wall: number): Promise<WatchdogStatus> {
  const holder = readHolderNow(paths.watchdogLock)
  const running = holder !== undefined && (await isRunning(holder))
  const file = readWatchdogFile(paths)
  const used = rescuesInWindow(file?.rescues ?? [], wall).sort((a, b) => a - b)
  const left = rescuesLeft({ rescues: used }, wall, rulesOf(settings))
  const oldest = used[used.length - settings.WATCHDOG_MAX_RESTARTS]
  return {
    running,
    enabled: settings.WATCHDOG_ENABLED,
    pid: running ? holder.pid : null,
    bot: file?.status ?? null,
    last_check: isoOf(file?.checked_at),
    next_check: running ? isoOf(file?.next_check_at) : null,
    rescues_used: used.length,
    rescues_left: left,
    next_rescue: left > 0 || oldest === undefined ? null : isoOf(oldest + WINDOW_MS),
    incident: file?.incident ? shown(file.incident) : null,
  }
}

function shown({ since, recoveredAt, ...incident }: Incident): WatchdogStatus['incident'] {
  const name = incidentName(incident)
  return { name, ...incident, since: new Date(since).toISOString(), recovered: isoOf(recoveredAt) }
}
