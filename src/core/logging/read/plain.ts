import { objectIn } from '#core/json.js'
import { printable } from '#core/printable.js'
import { localTime } from '#core/text.js'
import { withoutOwnHead } from './own-head.js'

export type Color = 'yellow' | 'red' | 'gray'

const COLORS: ReadonlyMap<unknown, Color> = new Map([
  ['warn', 'yellow'],
  ['error', 'red'],
  ['fatal', 'red'],
  ['debug', 'gray'],
  ['trace', 'gray'],
])
const SKIPPED = new Set(['level', 'time', 'msg', 'err', 'pid', 'hostname'])

/** Returns a JSON log line as a person reads it: local time, level, message, then the rest as key=value. */
export function plainLine(json: string): string {
  return coloredLine(json).text
}

/** The most lines of an entry that is quoted among others: its message, and both ends of a stack. */
const QUOTED_HEAD = 6
const QUOTED_TAIL = 4

/** Returns the line as {@link plainLine} does, without the middle of a long stack. */
export function quotedLine(json: string): string {
  const lines = plainLine(json).split('\n')
  const omitted = lines.length - QUOTED_HEAD - QUOTED_TAIL
  if (omitted <= 1) return lines.join('\n')
  return [...lines.slice(0, QUOTED_HEAD), `    … ${omitted} lines more`, ...lines.slice(-QUOTED_TAIL)].join('\n')
}

/** Returns the line as {@link plainLine} does, with the color of its level. */
export function coloredLine(json: string): { text: string; color: Color | undefined } {
  const line = objectIn(json)
  if (!line) return { text: harmless(json.trimEnd()), color: undefined }
  const level = String(line.level ?? 'info')
  const message = withoutOwnHead(String(line.msg ?? ''), level, line.time)
  const head = `${localTime(line.time)} ${level.toUpperCase().padEnd(5)} ${message}`
  const rest = Object.entries(line)
    .filter(([key, value]) => !SKIPPED.has(key) && !isSaid(value, message))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`)
  const text = harmless([[head, ...rest].join(' '), ...errorOf(line.err)].join('\n'))
  return { text, color: COLORS.get(level) }
}

/** The minimum length of a value that can't stand in a message by chance. */
const SHORTEST_SAID = 8

/** Returns whether the message contains the value already, so that it need not follow once more. */
function isSaid(value: unknown, message: string): boolean {
  return typeof value === 'string' && value.length >= SHORTEST_SAID && message.includes(value)
}

function errorOf(err: unknown): string[] {
  if (err === undefined || err === null) return []
  const { stack, message } = err as { stack?: unknown; message?: unknown }
  return [String(stack ?? message ?? JSON.stringify(err))]
}

/**
 * Indents later lines, so that none passes for a line of the log, and makes a message unable to control the terminal.
 */
export function harmless(text: string): string {
  return printable(text.replace(/\r?\n(?!$)/g, '\n    '))
}

/** Returns words of others as one line that can't control the terminal. */
export function inOneLine(text: string): string {
  return harmless(text).replace(/\s*\n\s*/g, ' ')
}

function quoted(text: string): string {
  return /[\s"=]/.test(text) || text === '' ? JSON.stringify(text) : text
}
