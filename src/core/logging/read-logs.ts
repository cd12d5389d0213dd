import { join } from 'node:path'
import { listFolder } from '#core/system/files.js'
import { textLines } from '#core/system/text-lines.js'
import { type LogLine, type LogQuery, matches, parseLogLine } from './log-query.js'
import { rotatedTime } from './rotated-name.js'

/** The logs that hold everything once; errors.log and health.log repeat parts of the first. */
export const WRITERS = ['bot.jsonl', 'watchdog.log'] as const

interface Part {
  readonly path: string
  /** When it was rotated away; the file that is still written to has Infinity. */
  readonly untilMs: number
}

/** The files of one log, oldest first. While a rotated one is being compressed there may be both: the whole one counts. */
function partsOf(folder: string, name: string, files: readonly string[]): Part[] {
  const parts = files
    .filter((file) => !files.includes(`${file}.gz`))
    .flatMap((file) => {
      const untilMs = file === name ? Number.POSITIVE_INFINITY : rotatedTime(name, file)
      return untilMs === undefined ? [] : [{ path: join(folder, file), untilMs }]
    })
  return parts.sort((a, b) => a.untilMs - b.untilMs)
}

/** How far each log's current file is read, in bytes; what comes later is for whoever follows. */
export type Ends = Readonly<Record<string, number>>

/** All lines that match, of all logs, merged by time. `newest` keeps only that many; older files aren't opened then. */
export async function* readLogs(folder: string, query: LogQuery, ends: Ends, newest?: number): AsyncGenerator<LogLine> {
  const files = listFolder(folder)
  const streams = await Promise.all(
    WRITERS.map(async (name) => {
      const parts = partsOf(folder, name, files).filter((part) => part.untilMs >= query.sinceMs)
      const wanted = newest === undefined ? parts : await newestParts(parts, query, ends[name], newest)
      return linesOf(wanted, query, ends[name])
    }),
  )
  if (newest === undefined) return yield* merge(streams)
  const kept: LogLine[] = []
  for await (const line of merge(streams)) {
    kept.push(line)
    if (kept.length > newest) kept.shift()
  }
  yield* kept
}

/** As many of the newest files as hold `newest` lines that match. */
async function newestParts(
  parts: readonly Part[],
  query: LogQuery,
  end: number | undefined,
  newest: number,
): Promise<Part[]> {
  let found = 0
  let first = parts.length
  while (first > 0 && found < newest) {
    first--
    for await (const _ of linesOf([parts[first] as Part], query, end)) found++
  }
  return parts.slice(first)
}

async function* linesOf(parts: readonly Part[], query: LogQuery, end: number | undefined): AsyncGenerator<LogLine> {
  let before: LogLine | undefined
  for (const { path, untilMs } of parts) {
    const isCurrent = untilMs === Number.POSITIVE_INFINITY
    for await (const text of textLines(path, isCurrent ? end : undefined)) {
      if (text === '') continue
      before = parseLogLine(text, before)
      if (matches(before, query)) yield before
    }
  }
}

async function* merge(streams: readonly AsyncGenerator<LogLine>[]): AsyncGenerator<LogLine> {
  const heads = await Promise.all(streams.map(async (stream) => ({ stream, head: await stream.next() })))
  for (;;) {
    let first: (typeof heads)[number] | undefined
    for (const one of heads) {
      if (!one.head.done && (first === undefined || one.head.value.timeMs < (first.head.value as LogLine).timeMs))
        first = one
    }
    if (first === undefined) return
    yield first.head.value as LogLine
    first.head = await first.stream.next()
  }
}
