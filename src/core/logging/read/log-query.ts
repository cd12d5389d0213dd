import { CatalystError, EXIT } from '#core/errors.js'
import { LEVELS, levelNumber } from '#core/logging/levels.js'
import { durationOf } from '#core/text.js'
import type { LogSource } from './open-logs.js'

/** One line of a log, with the fields for filtering. */
export interface LogLine {
  readonly timeMs: number
  readonly level: number
  /** The line as it stands in the file. */
  readonly text: string
  /** Its message; for a line that is no JSON the whole line. */
  readonly message: string
  /** The bot that it is of, where the logs of several are read together. */
  readonly bot?: LogSource | undefined
}

export interface LogQuery {
  /** The minimum level, as pino's number. */
  readonly level: number
  /** Wall time in ms since 1970. */
  readonly sinceMs: number
  readonly grep: RegExp | undefined
}

/**
 * Returns the query for the flags of `catalyst logs`; `now` is in ms since 1970.
 * @throws CatalystError USAGE
 */
export function queryOf(
  flags: { level: string; since?: string | undefined; grep?: string | undefined },
  now: number,
): LogQuery {
  const level = levelNumber(flags.level)
  if (level === undefined) throw wrong('--level', 'trace, debug, info, warning, error or critical')
  const sinceMs = flags.since === undefined ? 0 : sinceOf(flags.since, now, 'logs')
  try {
    return { level, sinceMs, grep: flags.grep === undefined ? undefined : new RegExp(flags.grep, 'i') }
  } catch {
    throw wrong('--grep', 'a regular expression')
  }
}

/**
 * Returns the time that `--since` of a command means, in ms since 1970.
 * @throws CatalystError USAGE
 */
export function sinceOf(text: string, now: number, command: string): number {
  const sinceMs = parseSince(text, now)
  if (sinceMs !== undefined) return sinceMs
  throw wrong('--since', 'a time ago such as 90s, 15m, 2h or 3d, or a date such as 2026-01-31T08:00', command)
}

function wrong(flag: string, expected: string, command = 'logs'): CatalystError {
  return new CatalystError(`${flag} must be ${expected}.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [`See: catalyst ${command} --help`],
  })
}

/** Reads a line of a log file. A line that is no JSON, such as a truncated one, gets the time of the line before. */
export function parseLogLine(text: string, before: LogLine | undefined): LogLine {
  try {
    const { time, level, msg } = JSON.parse(text)
    const timeMs = Date.parse(time)
    if (Number.isFinite(timeMs))
      return { timeMs, level: levelNumber(String(level)) ?? LEVELS.info, text, message: String(msg) }
  } catch {}
  return { timeMs: before?.timeMs ?? 0, level: before?.level ?? LEVELS.info, text, message: text }
}

/**
 * Returns whether a line matches. The pattern may match the message as people read it, or the line as it stands in the
 * file.
 */
export function matches({ level, timeMs, text, message }: LogLine, { level: least, sinceMs, grep }: LogQuery): boolean {
  return level >= least && timeMs >= sinceMs && (grep === undefined || grep.test(message) || grep.test(text))
}

/**
 * Reads a point in time as people write it: `90s`, `15m`, `2h`, `3d` ago, or a date with or without a time. Returns ms
 * since 1970.
 */
export function parseSince(text: string, now: number): number | undefined {
  const agoMs = durationOf(text)
  if (agoMs !== undefined) return now - agoMs
  const day = /^\d{4}-\d\d-\d\d$/.test(text.trim())
  const time = Date.parse(day ? `${text.trim()}T00:00` : text.trim()) // a day alone begins at local midnight
  return Number.isFinite(time) ? time : undefined
}
