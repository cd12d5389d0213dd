import { CatalystError, EXIT } from '#core/errors.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { durationOf, localTime } from '#core/text.js'
import type { HomePaths } from './home-paths.js'

/** `.catalyst/state/pause.json`: a pause of the watchdog, for maintenance. Times are RFC 3339, in UTC. */
export interface Pause {
  readonly by: string
  readonly since: string
  /** The time at which it ends by itself. */
  readonly until: string
  /** Its reason, in the words of the person who asked for it; null: none was given. */
  readonly why: string | null
}

const SHORTEST_PAUSE_MS = 60_000
const LONGEST_PAUSE_MS = 7 * 24 * 60 * 60_000
/** The longest reason: it is shown in one line. */
const LONGEST_WHY = 200

/**
 * Returns the pause of a home's watchdog that holds at a wall time, in ms since 1970. A clock that was set back meanwhile
 * makes none longer than the longest.
 */
export function pauseOf(paths: HomePaths, wall: number): Pause | undefined {
  const pause = readPause(paths)
  const leftMs = Date.parse(pause?.until ?? '') - wall
  return leftMs > 0 && leftMs <= LONGEST_PAUSE_MS ? pause : undefined
}

/** Reads the file; what can't be read pauses nothing. */
function readPause(paths: HomePaths): Pause | undefined {
  try {
    return readJson<Pause>(
      paths.pause,
      ({ by, since, until, why }) =>
        [by, since, until].every((text) => typeof text === 'string') && (why === null || typeof why === 'string'),
    )
  } catch {
    return undefined
  }
}

export function writePause(paths: HomePaths, pause: Pause): void {
  writeJson(paths.pause, pause)
}

export function clearPause(paths: HomePaths): void {
  removeFile(paths.pause)
}

/**
 * Makes a pause from now on, as a person asks for it: `length` such as `2h`, and its reason.
 * @throws CatalystError USAGE
 */
export function makePause(asked: { length: string; why: string | undefined; by: string }, now: number): Pause {
  const { length, by } = asked
  const ms = durationOf(length)
  if (ms === undefined || ms < SHORTEST_PAUSE_MS || ms > LONGEST_PAUSE_MS)
    throw wrong('--for must be a time from 1m to 7d, such as 30m, 2h or 1d.')
  const why = asked.why?.replace(/\s+/g, ' ').trim() || null
  if (why !== null && why.length > LONGEST_WHY) throw wrong(`The reason must have ${LONGEST_WHY} characters at most.`)
  return { by, since: new Date(now).toISOString(), until: new Date(now + ms).toISOString(), why }
}

/** Describes a pause in one line: its end, who asked for it, and why. */
export function pauseText(pause: Pause): string {
  return `paused ${pauseEndText(pause)}`
}

/** Describes a pause where it is clear that it is one. */
export function pauseEndText({ until, by, why }: Pause): string {
  return `until ${localTime(until)} by ${by}${why === null ? '' : `: ${why}`}`
}

function wrong(message: string): CatalystError {
  return new CatalystError(message, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['See: catalyst watchdog pause --help'],
  })
}
