import type { HomePaths } from '#core/state/home-paths.js'
import { readJson, writeJson } from '#core/state/json-file.js'
import type { MessageIds } from './admin-messages.js'
import type { Incident } from './incident.js'

/** `.catalyst/state/watchdog.json`: what the watchdog knows across its own restarts. All times are wall times in ms. */
export interface WatchdogFile {
  readonly pid: number
  readonly checked_at: number
  readonly next_check_at: number
  /** What the bot said last; null for silence. */
  readonly status: string | null
  /** When rescues began. */
  readonly rescues: readonly number[]
  readonly incident: Incident | null
  readonly messages: MessageIds
}

export function readWatchdogFile(paths: HomePaths): WatchdogFile | undefined {
  return readJson<WatchdogFile>(
    paths.watchdog,
    ({ rescues, incident, messages }) =>
      Array.isArray(rescues) &&
      rescues.every((at) => typeof at === 'number') &&
      typeof incident === 'object' &&
      typeof messages === 'object' &&
      messages !== null,
  )
}

export function writeWatchdogFile(paths: HomePaths, file: WatchdogFile): void {
  writeJson(paths.watchdog, file)
}

/**
 * Rescues of before, on the monotonic clock of now. A clock that was set back meanwhile must not give budget back: what
 * seems to lie in the future was a moment ago.
 */
export function rescuesOnClock(walls: readonly number[], now: number, wall: number): number[] {
  return walls.map((at) => now - Math.max(0, wall - at)).sort((a, b) => a - b)
}

export function rescuesOnWall(rescues: readonly number[], now: number, wall: number): number[] {
  return rescues.map((at) => wall - (now - at))
}
