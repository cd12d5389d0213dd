import { join } from 'node:path'
import { type Clock, sleep } from '#core/system/clock.js'
import { FileTail } from '#core/system/file-tail.js'
import { type LogLine, type LogQuery, matches, parseLogLine } from './log-query.js'
import { type Ends, WRITERS } from './read-logs.js'

const LOOK_MS = 250

/** Begins to follow the logs of a folder: `ends` says what was there before, for whoever reads that first. */
export function followLogs(clock: Clock, folder: string) {
  const tails = WRITERS.map((name) => ({
    name,
    tail: new FileTail(join(folder, name)),
    before: undefined as LogLine | undefined,
  }))
  const ends: Ends = Object.fromEntries(tails.map(({ name, tail }) => [name, tail.skipToEnd()]))
  return {
    ends,
    /** The lines that come from then on, until the signal aborts; those of one look are in order of time. */
    async *lines(query: LogQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
      while (!signal.aborted) {
        const fresh: LogLine[] = []
        for (const one of tails) {
          for (const text of one.tail.read()) {
            if (text === '') continue
            one.before = parseLogLine(text, one.before)
            if (matches(one.before, query)) fresh.push(one.before)
          }
        }
        yield* fresh.sort((a, b) => a.timeMs - b.timeMs)
        await sleep(clock, LOOK_MS, signal)
      }
      for (const { tail } of tails) tail.close()
    },
  }
}
