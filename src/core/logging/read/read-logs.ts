import { textLines } from '#core/platform/fs/text-lines.js'
import { type LogLine, type LogQuery, matches, parseLogLine } from './log-query.js'
import type { OpenLog } from './open-logs.js'

/** Called for a file that is damaged or unreadable; the lines before the damage count, and the other files. */
export type OnUnreadable = (path: string, error: unknown) => void

/** Yields all matching lines that existed when the logs were opened, merged by time. */
export async function* readLogs(
  logs: readonly OpenLog[],
  query: LogQuery,
  onUnreadable: OnUnreadable,
): AsyncGenerator<LogLine> {
  const heads = []
  for (const log of logs) {
    const lines = linesOf(log, partsOf(log, query, onUnreadable), query)
    heads.push({ lines, head: await lines.next() })
  }
  for (;;) {
    let first: (typeof heads)[number] | undefined
    for (const one of heads) {
      if (!one.head.done && (first === undefined || one.head.value.timeMs < (first.head.value as LogLine).timeMs))
        first = one
    }
    if (first === undefined) return
    yield first.head.value as LogLine
    first.head = await first.lines.next()
  }
}

/** Returns the newest `count` matching lines. Files that are older than all of these aren't opened. */
export async function readNewest(
  logs: readonly OpenLog[],
  query: LogQuery,
  count: number,
  onUnreadable: OnUnreadable,
): Promise<LogLine[]> {
  let newest: LogLine[] = []
  for (const log of logs) {
    let ofLog: LogLine[] = []
    for (const part of partsOf(log, query, onUnreadable).reverse()) {
      if (ofLog.length >= count) break
      ofLog = [...(await lastOf(linesOf(log, [part], query), count)), ...ofLog]
    }
    newest = last(
      [...newest, ...ofLog].sort((a, b) => a.timeMs - b.timeMs),
      count,
    )
  }
  return newest
}

type Part = () => AsyncGenerator<string>

/** Returns the files of a log, oldest first. */
function partsOf({ rotated, current }: OpenLog, query: LogQuery, onUnreadable: OnUnreadable): Part[] {
  const inRange = rotated.filter(({ untilMs }) => untilMs >= query.sinceMs)
  return [
    ...inRange.map(
      ({ path }): Part =>
        async function* () {
          try {
            yield* textLines(path)
          } catch (error) {
            onUnreadable(path, error)
          }
        },
    ),
    () => current.before(),
  ]
}

async function* linesOf({ bot }: OpenLog, parts: readonly Part[], query: LogQuery): AsyncGenerator<LogLine> {
  let before: LogLine | undefined
  for (const part of parts) {
    for await (const text of part()) {
      if (text === '') continue
      before = parseLogLine(text, before)
      if (matches(before, query)) yield bot ? { ...before, bot } : before
    }
  }
}

async function lastOf(lines: AsyncIterable<LogLine>, count: number): Promise<LogLine[]> {
  let kept: LogLine[] = []
  for await (const line of lines) {
    kept.push(line)
    if (kept.length >= 2 * count) kept = last(kept, count)
  }
  return last(kept, count)
}

function last<T>(all: readonly T[], count: number): T[] {
  return all.slice(Math.max(0, all.length - count))
}
