import { type Clock, sleep } from '#core/platform/clock.js'
import { textLines } from '#core/platform/fs/text-lines.js'
import { type LogLine, type LogQuery, matches, parseLogLine } from './log-query.js'
import { closeLogs, type OpenLog, openLog } from './open-logs.js'
import type { OnUnreadable } from './read-logs.js'

const POLL_INTERVAL_MS = 250

/**
 * Yields the lines that are appended after the logs were opened, until the signal aborts, those of one poll in order of
 * time. Then it closes them.
 */
export async function* followLogs(
  clock: Clock,
  logs: readonly OpenLog[],
  query: LogQuery,
  onUnreadable: OnUnreadable,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const followed = logs.map((log) => ({ log, before: undefined as LogLine | undefined }))
  try {
    while (!signal.aborted) {
      const fresh: LogLine[] = []
      for (const one of followed) {
        const { texts, next } = await newLines(one.log, onUnreadable)
        one.log = next
        for (const text of texts) {
          if (text === '') continue
          one.before = parseLogLine(text, one.before)
          if (matches(one.before, query)) fresh.push(one.log.bot ? { ...one.before, bot: one.log.bot } : one.before)
        }
      }
      yield* fresh.sort((a, b) => a.timeMs - b.timeMs)
      await sleep(clock, POLL_INTERVAL_MS, signal)
    }
  } finally {
    closeLogs(followed.map(({ log }) => log))
  }
}

/** Returns the new lines of a log, and the log to go on with: after one or more rotations that is another file. */
async function newLines(log: OpenLog, onUnreadable: OnUnreadable): Promise<{ texts: string[]; next: OpenLog }> {
  let texts = log.current.read()
  if (!log.current.wasReplaced()) return { texts, next: log }
  texts = [...texts, ...log.current.read()] // the lines between that read and the rotation
  log.current.close()
  const next = openLog(log.folder, log.name, log.bot)
  const known = new Set(log.rotated.map(({ name }) => name))
  const rotated = next.rotated.filter(({ name }) => !known.has(name))
  if (log.current.isOpen) rotated.shift() // the file that was just read to its end
  for (const { path } of rotated) {
    try {
      for await (const text of textLines(path)) texts.push(text)
    } catch (error) {
      onUnreadable(path, error)
    }
  }
  for await (const text of next.current.before()) texts.push(text)
  return { texts, next }
}
