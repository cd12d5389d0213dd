import { join } from 'node:path'
import { LEVELS, levelNumber } from '#core/logging/levels.js'
import { plainLine, quotedLine } from '#core/logging/read/plain.js'
import { serviceLogs } from '#core/logging/service-logs.js'
import { isStartMark } from '#core/logging/start-mark.js'
import { changedAt, lastLines } from '#core/platform/fs/files.js'
import type { Role } from '#core/service/manager.js'

const TAIL_BYTES = 256 * 1024

/**
 * Returns the newest lines of the bot's or the watchdog's log from a level on, oldest first, as a person reads them:
 * with their times.
 */
export function lastErrors(
  logs: string,
  role: Role,
  count: number,
  { sinceMs = 0, level = 'error' }: { sinceMs?: number; level?: keyof typeof LEVELS } = {},
): string[] {
  return lastLines(join(logs, role === 'bot' ? 'errors.log' : 'watchdog.log'), TAIL_BYTES)
    .filter((line) => levelOf(line) >= LEVELS[level] && (sinceMs === 0 || timeOf(line) >= sinceMs))
    .slice(-count)
    .map((line) => quotedLine(line))
}

/** The maximum number of lines of an error of ours, which is shown whole. */
const LONGEST_ERROR = 20

/** The last output of a service on its standard error. */
export interface LastWords {
  /** The time of the last line, in ms since 1970: managers write no times. Undefined without lines. */
  readonly at: number | undefined
  readonly lines: readonly string[]
}

/**
 * Returns the last output of the service on its standard error since its last start: it shows what kept it from
 * starting, before it had a log. It is the last `count` lines, or from where its last error begins; none when they are
 * older than `sinceMs`.
 */
export function lastWords(logs: string, role: Role, count: number, sinceMs = 0): LastWords {
  const [, stderr] = serviceLogs(role)
  const path = join(logs, stderr.name)
  const at = changedAt(path)
  if (at === undefined || at < sinceMs) return { at: undefined, lines: [] }
  const all = lastLines(path, TAIL_BYTES)
  const lines = all.slice(all.findLastIndex(isStartMark) + 1).slice(-LONGEST_ERROR)
  const error = lines.findLastIndex((line) => line.startsWith('Error: '))
  const shown = lines
    .slice(Math.max(0, Math.min(error === -1 ? lines.length : error, lines.length - count)))
    .map((line) => plainLine(line))
  return { at: shown.length === 0 ? undefined : at, lines: shown }
}

function levelOf(line: string): number {
  return levelNumber(/"level":"(\w+)"/.exec(line)?.[1] ?? '') ?? 0
}

/** Returns when a line was logged, in ms since 1970. */
function timeOf(line: string): number {
  const time = /"time":(?:"([^"]+)"|(\d+))/.exec(line)
  return time?.[1] === undefined ? Number(time?.[2] ?? 0) : Date.parse(time[1])
}
