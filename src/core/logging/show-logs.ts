import type { Clock } from '#core/system/clock.js'
import { followLogs } from './follow-logs.js'
import type { LogLine, LogQuery } from './log-query.js'
import { closeLogs, openLogs } from './open-logs.js'
import { type OnUnreadable, readLogs, readNewest } from './read-logs.js'

export interface ShowLogsOptions {
  readonly folder: string
  readonly query: LogQuery
  /** How many of the newest lines; undefined means all that match. */
  readonly newest: number | undefined
  /** Goes on with the lines that come, until it aborts; undefined means to end with those that are there. */
  readonly followUntil: AbortSignal | undefined
  readonly onUnreadable: OnUnreadable
}

/** The lines of all logs in a folder, merged by time: those that are there, then those that come. */
export async function* showLogs(clock: Clock, options: ShowLogsOptions): AsyncGenerator<LogLine> {
  const { folder, query, newest, followUntil, onUnreadable } = options
  const opened = openLogs(folder)
  const there =
    newest === undefined ? readLogs(opened, query, onUnreadable) : await readNewest(opened, query, newest, onUnreadable)
  for await (const line of there) {
    if (followUntil?.aborted) break
    yield line
  }
  if (followUntil) yield* followLogs(clock, opened, query, onUnreadable, followUntil)
  else closeLogs(opened)
}
