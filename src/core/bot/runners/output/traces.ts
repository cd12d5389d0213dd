import { type Level, levelOf, namedLevel, type OutputStream } from './levels.js'

/**
 * The part of an error's output that has been read. `head` and `source` may still turn out to be ordinary lines; all
 * others are an error.
 */
export type Part =
  /** A line that names an error: its stack may follow. */
  | 'head'
  /** The place in the source that node prints before an uncaught error. */
  | 'source'
  /** The rest of an uncaught error of node, up to node's version. */
  | 'uncaught'
  /** The frames of Python, up to the line that names the error. */
  | 'python'
  /** That line; a chained error may follow. */
  | 'python-error'
  /** The line that announces the chained one. */
  | 'python-chain'
  | 'python-group'
  /** The frames of node, Java, C#, Ruby or PHP. */
  | 'frames'
  | 'go-head'
  | 'go'
  | 'rust'
  /** Complete: nothing more belongs to it. */
  | 'complete'

const PYTHON = /^\s*Traceback \(most recent call last\):/
const PYTHON_GROUP = /^\s*\+ Exception Group Traceback \(most recent call last\):/
const PYTHON_FRAME = /^\s+File ".+", line \d+/
const PYTHON_CHAIN =
  /^(During handling of the above exception|The above exception was the direct cause of the following)/
const SOURCE = /^(file:\/\/|\/|[A-Za-z]:\\|node:).*:\d+$/
const CARETS = /^\s*\^+\s*$/
const NODE_VERSION = /^Node\.js v\d/
const FRAME = /^\s+at \S|^\s+from \S+:\d+:in |^#\d+ |^Stack trace:$/
/** A frame that can stand alone: what came before it did not look like an error. */
const SURE_FRAME = /^\s+at (.+ )?\(?\S+:\d+(:\d+)?\)?$/
const FRAMES_GO_ON = /^\s|^[}\])]|^Caused by\b|^#\d+ |^Stack trace:$|^--- End of |^Node\.js v\d/
const GO_HEAD = /^(panic|fatal error): /
const GO_STACK = /^(goroutine \d+ \[|\[signal |panic: )/
const GO_GOES_ON = /^(\s|goroutine \d+ \[|\[signal |created by |exit status \d|panic: |[\w./*()·-]+\(.*\)$)/
const RUST = /^thread '.*' (\(\d+\) )?panicked at /
const RUST_GOES_ON = /^(note: |stack backtrace:|\s)/
/** A word that names an error: `TypeError`, `java.lang.NullPointerException`, `Fatal error`. */
const NAMES_ERROR = /(Error|Exception)\b|^(PHP )?Fatal error:|^error: /
/** The most lines of an error's message before its first frame. */
const MOST_HEAD_LINES = 6

/** The part of a line that is looked at, so that a pattern can't take long. */
const LOOKED_AT = 400

/** Returns what a line begins where nothing is open; undefined for an ordinary line. */
export function partBegun(whole: string, stream: OutputStream): Part | undefined {
  const line = whole.slice(0, LOOKED_AT)
  if (PYTHON.test(line) || PYTHON_FRAME.test(line)) return 'python'
  if (PYTHON_GROUP.test(line)) return 'python-group'
  if (RUST.test(line)) return 'rust'
  if (GO_HEAD.test(line)) return 'go-head'
  if (SURE_FRAME.test(line)) return 'frames'
  if (SOURCE.test(line)) return 'source'
  return isError(levelOf(whole, stream)) || NAMES_ERROR.test(line) ? 'head' : undefined
}

/** Returns the part that a line goes on with after these lines; undefined where it belongs to something else. */
export function partAfter(part: Part, lines: readonly string[], whole: string): Part | undefined {
  const line = whole.slice(0, LOOKED_AT)
  switch (part) {
    case 'head':
      return afterHead(lines, line)
    case 'source':
      if (CARETS.test(line)) return 'uncaught'
      return lines.length === 1 ? 'source' : undefined // the line of the source itself
    case 'uncaught':
      return NODE_VERSION.test(line) ? 'complete' : 'uncaught'
    case 'python':
      return /^\s/.test(line) ? 'python' : 'python-error'
    case 'python-error':
      if (PYTHON_CHAIN.test(line)) return 'python-chain'
      return /^\s/.test(line) && partBegun(line, 'stdout') === undefined ? 'python-error' : undefined
    case 'python-chain':
      return PYTHON.test(line) ? 'python' : undefined
    case 'python-group':
      return /^\s/.test(line) ? 'python-group' : undefined
    case 'frames':
      if (NODE_VERSION.test(line)) return 'complete'
      return FRAMES_GO_ON.test(line) ? 'frames' : undefined
    case 'go-head':
      return GO_STACK.test(line) || /^\s/.test(line) ? 'go' : undefined
    case 'go':
      return GO_GOES_ON.test(line) ? 'go' : undefined
    case 'rust':
      return lines.length === 1 || RUST_GOES_ON.test(line) ? 'rust' : undefined
    case 'complete':
      return undefined
  }
}

function afterHead(lines: readonly string[], line: string): Part | undefined {
  if (PYTHON.test(line)) return 'python'
  if (PYTHON_GROUP.test(line)) return 'python-group'
  if (FRAME.test(line)) return 'frames'
  // the message of an error may have several lines: those of a module that node does not find, say
  const isMessage = lines.some((one) => NAMES_ERROR.test(one)) || NAMES_ERROR.test(line)
  const isOther = namedLevel(line) !== undefined || partBegun(line, 'stdout') === 'source'
  const isSecond = lines.length > 1 || !NAMES_ERROR.test(lines[0] as string) || !NAMES_ERROR.test(line)
  return isMessage && !isOther && isSecond && lines.length < MOST_HEAD_LINES ? 'head' : undefined
}

/** Returns whether these lines are an error with its stack, and no ordinary lines that looked like the beginning of one. */
export function isTrace(part: Part): boolean {
  return part !== 'head' && part !== 'source' && part !== 'go-head'
}

/** Returns the one line that says what went wrong: `KeyError: 'token'`, after what the program's log says of it. */
export function summaryOf(lines: readonly string[]): string {
  const begin = lines.findIndex((line) => PYTHON.test(line) || PYTHON_GROUP.test(line) || PYTHON_FRAME.test(line))
  const found = begin === -1 ? frameSummary(lines) : pythonSummary(lines, begin)
  return found.slice(0, LONGEST_SUMMARY)
}

const LONGEST_SUMMARY = 500

function pythonSummary(lines: readonly string[], begin: number): string {
  const errors = lines.slice(begin + 1).flatMap((line) => {
    const inGroup = /^ {2}\| (\S.*)$/.exec(line)?.[1]
    const error = inGroup ?? (/^\s/.test(line) ? undefined : line)
    const isError = error !== undefined && !PYTHON.test(error) && !PYTHON_CHAIN.test(error)
    return isError ? [error] : []
  })
  const error = errors.at(-1) ?? (lines.at(-1) as string).trim()
  return [...lines.slice(0, Math.min(begin, 1)), error].join(': ')
}

function frameSummary(lines: readonly string[]): string {
  const carets = lines.findIndex((line) => CARETS.test(line))
  const [first = '', second] = lines.slice(carets + 1)
  const isIncomplete = !NAMES_ERROR.test(first) && carets === -1
  const rest = second !== undefined && isIncomplete && !/^\s/.test(second) && !GO_STACK.test(second)
  return (rest ? `${first.replace(/:$/, '')}: ${second}` : first).trim() || (lines[0] as string)
}

/**
 * Returns the level of an error with its stack: an error at least, whatever stream it came on. What a stop raises in
 * Python is none.
 */
export function traceLevel(lines: readonly string[], stream: OutputStream): Level {
  if (/^(KeyboardInterrupt|asyncio\.exceptions\.CancelledError|SystemExit)\b/.test(summaryOf(lines))) return 'warn'
  const level = levelOf(lines[0] as string, stream)
  return isError(level) ? level : 'error'
}

export function isError(level: Level): boolean {
  return level === 'error' || level === 'fatal'
}
