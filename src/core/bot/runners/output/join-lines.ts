import { type Level, levelOf, type OutputStream } from './levels.js'
import { isTrace, type Part, partAfter, partBegun, summaryOf, traceLevel } from './traces.js'

/** An entry of the log: a line that a program printed, or an error with its stack. */
export interface Entry {
  readonly level: Level
  readonly text: string
  /** All lines of an error with its stack. */
  readonly stack?: string
}

/** Lines that wait: the next one may belong to them. */
export interface OpenEntry {
  readonly part: Part
  readonly lines: readonly string[]
  /** The number of lines left out after the first {@link FIRST_LINES}. */
  readonly omitted: number
}

export interface Joined {
  /** The entries that are complete, oldest first. */
  readonly done: readonly Entry[]
  readonly open: OpenEntry | undefined
}

/** The limits of an entry, so that a program can't fill our memory: the middle of a longer one is left out. */
const MOST_LINES = 100
const FIRST_LINES = 30
const LONGEST_LINE = 1000
const MOST_OMITTED = 5000

/** Takes in one more line of a stream: joins the lines of an error with its stack to one entry. */
export function joinLines(before: OpenEntry | undefined, line: string, stream: OutputStream): Joined {
  const part = before && partAfter(before.part, before.lines, line)
  if (before === undefined || part === undefined || before.omitted >= MOST_OMITTED) {
    const done = entriesOf(before, stream)
    const begun = partBegun(line, stream)
    if (begun === undefined) return { done: [...done, { level: levelOf(line, stream), text: line }], open: undefined }
    return { done, open: { part: begun, lines: [line], omitted: 0 } }
  }
  const open = withLine({ ...before, part }, line)
  return part === 'complete' ? { done: entriesOf(open, stream), open: undefined } : { done: [], open }
}

function withLine(open: OpenEntry, line: string): OpenEntry {
  const lines = [...open.lines, isTrace(open.part) ? line.slice(0, LONGEST_LINE) : line]
  if (lines.length <= MOST_LINES) return { ...open, lines }
  lines.splice(FIRST_LINES, 1)
  return { ...open, lines, omitted: open.omitted + 1 }
}

/** Returns the entries of lines that nothing more is added to. */
export function entriesOf(open: OpenEntry | undefined, stream: OutputStream): Entry[] {
  if (open === undefined) return []
  const { part, lines, omitted } = open
  if (!isTrace(part)) return lines.map((line) => ({ level: levelOf(line, stream), text: line }))
  const note = omitted === 0 ? [] : [`… ${omitted} lines left out …`]
  const stack = [...lines.slice(0, FIRST_LINES), ...note, ...lines.slice(FIRST_LINES)].join('\n')
  return [{ level: traceLevel(lines, stream), text: summaryOf(lines), stack }]
}
