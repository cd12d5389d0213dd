import type { Logger } from 'pino'
import type { Clock } from '#core/platform/clock.js'
import type { Entry } from './join-lines.js'
import type { OutputStream } from './levels.js'
import { isError } from './traces.js'

/** The output of a bot, as it comes. */
export interface LoggedOutput {
  /** Takes in an entry: it goes into the log, and an error is counted. */
  take(entry: Entry, stream: OutputStream): void
  /** Returns the last error that was printed, in one line; undefined where there was none lately. */
  lastError(): string | undefined
}

/** The time before an exit in which an error may have caused it. */
const RECENT_MS = 10_000
/** The time in which a line on stderr may be the reason of an exit, though it names no error. */
const LAST_WORDS_MS = 1000
const LONGEST_QUOTE = 300

/** A printed line, and its time. */
interface Said {
  readonly at: number
  readonly text: string
}

/** Returns what logs the output of a bot. `isErrorLine` tells of entries that are errors, too, though they don't say so. */
export function logOutput(
  clock: Clock,
  log: Logger,
  onError: () => void,
  isErrorLine: (text: string) => boolean = () => false,
): LoggedOutput {
  let trace: Said | undefined
  let error: Said | undefined
  let words: Said | undefined
  return {
    take({ level, text, stack }, stream) {
      if (isError(level) || isErrorLine(text)) onError()
      const said = { at: clock.monotonic(), text }
      if (isError(level) && stack !== undefined) trace = said
      else if (isError(level)) error = said
      else if (stream === 'stderr') words = said
      log[level]({ ...(stream === 'stderr' && { stream }), ...(stack !== undefined && { err: { stack } }) }, text)
    },
    lastError() {
      const now = clock.monotonic()
      const within = (said: Said | undefined, ms: number) => (said && now - said.at <= ms ? said.text : undefined)
      const found = within(trace, RECENT_MS) ?? within(error, RECENT_MS) ?? within(words, LAST_WORDS_MS)
      return found?.slice(0, LONGEST_QUOTE)
    },
  }
}
