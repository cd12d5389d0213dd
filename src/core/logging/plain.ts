import { styleText } from 'node:util'

const COLOURS = { warn: 'yellow', error: 'red', fatal: 'red', debug: 'gray', trace: 'gray' } as const
const SKIPPED = new Set(['level', 'time', 'msg', 'err', 'pid', 'hostname'])

/** A JSON log line as a person reads it: local time, level, message, then the rest as key=value. */
export function plainLine(json: string, colour: boolean): string {
  let line: Record<string, unknown>
  try {
    line = JSON.parse(json)
  } catch {
    return json.trimEnd()
  }
  const level = String(line.level ?? 'info')
  const head = `${localTime(line.time)} ${level.toUpperCase().padEnd(5)} ${line.msg ?? ''}`
  const rest = Object.entries(line)
    .filter(([key]) => !SKIPPED.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`)
  const err = line.err as { stack?: string; message?: string } | undefined
  const text = [[head, ...rest].join(' '), ...(err ? [indented(err.stack ?? err.message ?? '')] : [])].join('\n')
  const paint = COLOURS[level as keyof typeof COLOURS]
  return colour && paint ? styleText(paint, text) : text
}

function localTime(time: unknown): string {
  const date = new Date(String(time))
  if (Number.isNaN(date.getTime())) return '-'
  const two = (part: number) => String(part).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

function quoted(text: string): string {
  return /[\s"=]/.test(text) || text === '' ? JSON.stringify(text) : text
}

function indented(text: string): string {
  return text.replace(/^/gm, '    ')
}
