import { join } from 'node:path'
import { LEVELS, levelNumber } from '#core/logging/levels.js'
import { plainLine } from '#core/logging/plain.js'
import { serviceLogs } from '#core/logging/service-logs.js'
import { lastLines } from '#core/system/files.js'
import type { Role } from './manager.js'

const TAIL_BYTES = 256 * 1024

/** The newest error lines of the bot's or the watchdog's log, oldest first, as a person reads them. */
export function lastErrors(logs: string, role: Role, count: number): string[] {
  return lastLines(join(logs, role === 'bot' ? 'errors.log' : 'watchdog.log'), TAIL_BYTES)
    .filter(isError)
    .slice(-count)
    .map((line) => plainLine(line, false))
}

/** An error of ours is shown whole, up to so many lines. */
const LONGEST_ERROR = 20

/**
 * What the service last said on its standard error: there is what kept it from starting, before it had a log. The last
 * `count` lines, or from where its last error begins.
 */
export function lastWords(logs: string, role: Role, count: number): string[] {
  const [, stderr] = serviceLogs(role)
  const lines = lastLines(join(logs, stderr.name), TAIL_BYTES).slice(-LONGEST_ERROR)
  const error = lines.findLastIndex((line) => line.startsWith('Error: '))
  return lines
    .slice(Math.max(0, Math.min(error === -1 ? lines.length : error, lines.length - count)))
    .map((line) => plainLine(line, false))
}

function isError(line: string): boolean {
  const level = /"level":"(\w+)"/.exec(line)?.[1]
  return level !== undefined && (levelNumber(level) ?? 0) >= LEVELS.error
}
