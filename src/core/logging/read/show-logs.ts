import type { Clock } from '#core/platform/clock.js'
import { followLogs } from './follow-logs.js'
import type { LogLine, LogQuery } from './log-query.js'
import { closeLogs, type LogFolder, type OpenLog, openLogs } from './open-logs.js'
import { type OnUnreadable, readLogs, readNewest } from './read-logs.js'

export interface ShowLogsOptions {
  /** The folders of which the logs are shown, merged. */
  readonly folders: readonly LogFolder[]
  readonly query: LogQuery
  /** The number of newest lines; undefined means all that match. */
  readonly newest: number | undefined
  /** The signal that ends following; undefined shows the existing lines only. */
  readonly followUntil: AbortSignal | undefined
  readonly onUnreadable: OnUnreadable
}

/** Yields the lines of all logs in these folders, merged by time: the existing ones, then new ones. */
export async function* showLogs(clock: Clock, options: ShowLogsOptions): AsyncGenerator<LogLine> {
  const { folders, query, newest, followUntil, onUnreadable } = options
  const opened = folders.flatMap(({ folder, bot }) => openReadable(folder, bot, onUnreadable))
  const there =
    newest === undefined ? readLogs(opened, query, onUnreadable) : await readNewest(opened, query, newest, onUnreadable)
  for await (const line of there) {
    if (followUntil?.aborted) break
    yield line
  }
  if (followUntil) yield* followLogs(clock, opened, query, onUnreadable, followUntil)
  else closeLogs(opened)
}

/** Opens the logs of a folder; where several are shown, one that can't be read takes nothing away from the others. */
function openReadable(folder: string, bot: LogFolder['bot'], onUnreadable: OnUnreadable): OpenLog[] {
  if (bot === undefined) return openLogs(folder)
  try {
    return openLogs(folder, bot)
  } catch (error) {
    onUnreadable(folder, error)
    return []
  }
}
