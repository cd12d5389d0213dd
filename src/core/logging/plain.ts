import { styleText } from 'node:util'
import { localTime } from '#core/text.js'

const COLOURS = new Map([
  ['warn', 'yellow'],
  ['error', 'red'],
  ['fatal', 'red'],
  ['debug', 'gray'],
  ['trace', 'gray'],
] as const)
const SKIPPED = new Set(['level', 'time', 'msg', 'err', 'pid', 'hostname'])

/** A JSON log line as a person reads it: local time, level, message, then the rest as key=value. */
export function plainLine(json: string, colour: boolean): string {
  const line = objectOf(json)
  if (!line) return harmless(json.trimEnd())
  const level = String(line.level ?? 'info')
  const head = `${localTime(line.time)} ${level.toUpperCase().padEnd(5)} ${line.msg ?? ''}`
  const rest = Object.entries(line)
    .filter(([key]) => !SKIPPED.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? quoted(value) : JSON.stringify(value)}`)
  const text = harmless([[head, ...rest].join(' '), ...errorOf(line.err)].join('\n'))
  const paint = COLOURS.get(level as 'warn')
  return colour && paint ? styleText(paint, text, { validateStream: false }) : text
}

function objectOf(json: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function errorOf(err: unknown): string[] {
  if (err === undefined || err === null) return []
  const { stack, message } = err as { stack?: unknown; message?: unknown }
  return [String(stack ?? message ?? JSON.stringify(err))]
}

/** Later lines are set in, so that none passes for a line of the log, and a message can't steer the terminal. */
export function harmless(text: string): string {
  return text
    .replace(/\r?\n(?!$)/g, '\n    ')
    .replace(/[^\P{Cc}\t\n]/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`)
}

function quoted(text: string): string {
  return /[\s"=]/.test(text) || text === '' ? JSON.stringify(text) : text
}
