import { join } from 'node:path'
import { LEVELS, levelNumber } from '#core/logging/levels.js'
import { plainLine } from '#core/logging/plain.js'
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

/** What the service last said on its standard error: there is what kept it from starting, before it had a log. */
export function lastWords(stderrFile: string, count: number): string[] {
  return lastLines(stderrFile, TAIL_BYTES)
    .slice(-count)
    .map((line) => plainLine(line, false))
}

function isError(line: string): boolean {
  const level = /"level":"(\w+)"/.exec(line)?.[1]
  return level !== undefined && (levelNumber(level) ?? 0) >= LEVELS.error
}
