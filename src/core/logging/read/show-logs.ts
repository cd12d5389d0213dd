import type { Clock } from '#core/platform/clock.js'
import { followLogs } from './follow-logs.js'
import type { LogLine, LogQuery } from './log-query.js'
import { closeLogs, openLogs } from './open-logs.js'
import { type OnUnreadable, readLogs, readNewest } from './read-logs.js'

export interface ShowLogsOptions {
  readonly folder: string
  readonly query: LogQuery
  /** The number of newest lines; undefined means all that match. */
  readonly newest: number | undefined
  /** The signal that ends following; undefined shows the existing lines only. */
  readonly followUntil: AbortSignal | undefined
  readonly onUnreadable: OnUnreadable
}

/** Yields the lines of all logs in a folder, merged by time: the existing ones, then new ones. */
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
