/** The stream that a line was printed on. */
export type OutputStream = 'stdout' | 'stderr'

export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

const NAMES: Readonly<Record<string, Level>> = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  information: 'info',
  notice: 'info',
  warn: 'warn',
  warning: 'warn',
  err: 'error',
  error: 'error',
  critical: 'fatal',
  fatal: 'fatal',
  panic: 'fatal',
}
/** A level in capitals, as most loggers write it. */
const NAMED = /\b(CRITICAL|FATAL|ERROR|WARN|WARNING|INFO|DEBUG|TRACE)\b/
/** A level as logfmt has it. */
const LOGFMT = /(?:^|\s)(?:level|lvl|severity)="?(\w+)/
/** The part of a line in which loggers name the level; further on it is only a word. */
const HEAD = 60
/** The names of the field that holds the level, in JSON. */
const FIELDS = ['level', 'levelname', 'log_level', 'severity', 'lvl'] as const

/** Returns the level that a program's line names; without one, a line on stderr is a warning. */
export function levelOf(line: string, stream: OutputStream): Level {
  return namedLevel(line) ?? (stream === 'stderr' ? 'warn' : 'info')
}

/** Returns the level that a line names first: in JSON, in logfmt, or in capitals near its beginning. */
export function namedLevel(line: string): Level | undefined {
  const inJson = line.startsWith('{') ? jsonLevel(line) : undefined
  if (inJson !== undefined) return inJson
  const head = line.slice(0, HEAD)
  return known(LOGFMT.exec(head)?.[1]) ?? known(NAMED.exec(head)?.[1])
}

function known(name: unknown): Level | undefined {
  return NAMES[String(name).toLowerCase()]
}

function jsonLevel(line: string): Level | undefined {
  try {
    const fields = JSON.parse(line) as Record<string, unknown>
    const value = FIELDS.map((name) => fields[name]).find((one) => one !== undefined)
    return typeof value === 'number' ? numbered(value) : known(value)
  } catch {
    return undefined // it only looks like JSON
  }
}

/** Returns the level by a number of pino and bunyan: 10 for trace, 60 for fatal. */
function numbered(value: number): Level | undefined {
  return (['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const)[Math.floor(value / 10) - 1]
}
