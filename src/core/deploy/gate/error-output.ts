import { join } from 'node:path'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { objectIn } from '#core/json.js'
import { LEVELS, levelNumber } from '#core/logging/levels.js'
import { harmless } from '#core/logging/read/plain.js'
import { lastLines } from '#core/platform/fs/files.js'
import { lastWords } from '#core/service/status/last-errors.js'

const TAIL_BYTES = 256 * 1024
/** The number of lines that is enough to name what is missing, and where; all of it is in the log. */
const MAX_LINES = 5
const BEFORE = 3
const MAX_LINE_LENGTH = 300
/** The beginning of a line that a watchdog logs for a bot that has no log yet. */
const SAYS = /^the bot says: /

/**
 * Returns the error output of a bot that failed, from this wall time on: the lines around its last error, without
 * secrets and control characters. For a bot that exited before it had a log, that is its standard error.
 */
export function errorOutput({ paths, redact, asOwner }: DeployHome, sinceMs: number): string[] {
  try {
    return asOwner(() => {
      const read = (name: string) => lastLines(join(paths.logs, name), TAIL_BYTES)
      const inLog = problemsIn(read('bot.jsonl'), sinceMs)
      const problems = inLog.length > 0 ? inLog : problemsIn(read('watchdog.log'), sinceMs, SAYS)
      const lines = problems.length > 0 ? problems : lastWords(paths.logs, 'bot', MAX_LINES, sinceMs).lines
      return aroundLastError(lines).map((line) => harmless(redact(line)).slice(0, MAX_LINE_LENGTH))
    })
  } catch {
    return [] // a log that can't be read must not hide why the version failed
  }
}

/**
 * Returns the messages and stacks of a log from warnings on, in lines. `only` selects messages by their beginning,
 * which is taken off.
 */
export function problemsIn(lines: readonly string[], sinceMs: number, only?: RegExp): string[] {
  return lines.flatMap((json) => {
    const { level, time, msg, err } = objectIn(json) ?? {}
    const isOld = !(Date.parse(String(time)) >= sinceMs)
    const text = String(msg ?? '')
    if (isOld || (levelNumber(String(level)) ?? 0) < LEVELS.warn || (only && !only.test(text))) return []
    const { stack } = (err ?? {}) as { stack?: unknown }
    return [only ? text.replace(only, '') : text, ...(typeof stack === 'string' ? [stack] : [])].flatMap((part) =>
      part.split('\n'),
    )
  })
}

/** Returns the lines around the last that names an error, or the last ones where none does. */
export function aroundLastError(lines: readonly string[]): string[] {
  const problems = lines.map((line) => line.trimEnd()).filter((line) => line.trim() !== '' && !INNER.test(line))
  const last = problems.findLastIndex((line) => ERROR.test(line))
  if (last === -1) return problems.slice(-MAX_LINES)
  const first = Math.max(0, last - BEFORE)
  return problems.slice(first, first + MAX_LINES)
}

const ERROR = /\b\w*(error|exception)\b|^(panic|fatal)\b/i
/** Stack lines of the runtime itself, which help nobody. */
const INNER = /^\s*at .*(node:internal|\(internal|node:events|<anonymous>)|^node:internal|^Node\.js v\d/
