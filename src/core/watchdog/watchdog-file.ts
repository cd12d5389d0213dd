import type { HomePaths } from '#core/home/home-paths.js'
import { migrateWatchdog } from '#core/home/migrate-names.js'
import { type Incident, isIncident } from '#core/incidents/incident.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { isTime } from '#core/text.js'
import { areTotals, type Totals } from './totals.js'

/**
 * `.catalyst/state/watchdog.json`: what the watchdog remembers across its own restarts. All times are wall times in ms.
 */
export interface WatchdogFile {
  readonly pid: number
  readonly checked_at: number
  readonly next_check_at: number
  /** The bot's last status; null for silence. */
  readonly status: string | null
  /** The times at which restarts began. */
  readonly restarts: readonly number[]
  readonly incident: Incident | null
  /**
   * True while it watches. Where it is still set and the watchdog is gone, it was killed: nobody has handled what came
   * after `checked_at`.
   */
  readonly watching?: boolean
  /** The last processes whose exits it has reported. */
  readonly told?: readonly number[]
  /** The releases that it has tried to repair: each is tried once. */
  readonly repaired?: readonly string[]
  /** The releases that it has taken back while they baked: each is once. */
  readonly taken_back?: readonly string[]
  /** The counts since the first watchdog of the home; missing where an older version wrote it. */
  readonly totals?: Totals
  /** Discord's ids of the messages of incidents: an older version kept them here. */
  readonly messages?: Readonly<Record<string, string>>
}

export function readWatchdogFile(paths: HomePaths): WatchdogFile | undefined {
  return readJson<WatchdogFile>(
    paths.watchdog,
    ({ restarts, incident, checked_at, next_check_at, status, told = [], repaired = [], taken_back = [], totals }) =>
      Array.isArray(restarts) &&
      restarts.every(isTime) &&
      (incident === null || isIncident(incident)) &&
      Array.isArray(told) &&
      told.every((pid) => typeof pid === 'number') &&
      Array.isArray(repaired) &&
      repaired.every((release) => typeof release === 'string') &&
      Array.isArray(taken_back) &&
      taken_back.every((release) => typeof release === 'string') &&
      (totals === undefined || areTotals(totals)) &&
      [checked_at, next_check_at].every((at) => at === undefined || isTime(at)) &&
      (status === undefined || status === null || typeof status === 'string'),
    migrateWatchdog,
  )
}

export function writeWatchdogFile(paths: HomePaths, file: WatchdogFile): void {
  writeJson(paths.watchdog, file)
}

/**
 * Returns earlier restarts on the current monotonic clock. A clock that was set back meanwhile must not refill the
 * restart budget: a restart that seems to lie in the future counts as just made.
 */
export function restartsOnClock(walls: readonly number[], now: number, wall: number): number[] {
  return walls.map((at) => now - Math.max(0, wall - at)).sort((a, b) => a - b)
}

export function restartsOnWall(restarts: readonly number[], now: number, wall: number): number[] {
  return restarts.map((at) => wall - (now - at))
}
