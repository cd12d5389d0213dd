import type { DestinationStream } from 'pino'
import { LEVELS } from '#core/logging/levels.js'
import type { Redact } from '#core/logging/redact.js'
import { LINE, LONGEST_LINE_BYTES } from './ring.js'

/**
 * Takes pino's lines, redacts them, and decides where each goes. pino's metadata contain the level, so that no line
 * needs to be parsed for it. `base` are the flags that every line has.
 */
export function destination(
  put: (flags: number, line: string) => void,
  redact: Redact,
  base: number,
): DestinationStream {
  const stream = {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      const level = stream.lastLevel
      const flags = base | (level >= LEVELS.warn ? LINE.errors : 0) | (level >= LEVELS.error ? LINE.sync : 0)
      put(flags, shortened(redact(line)))
    },
  }
  return stream
}

const KEPT_CHARACTERS = 2000

/** Shortens a line that is too long for the queue to its beginning, which is still JSON. */
function shortened(line: string): string {
  if (line.length * 3 < LONGEST_LINE_BYTES || Buffer.byteLength(line) < LONGEST_LINE_BYTES) return line
  const { level, time, msg, err } = JSON.parse(line)
  const kept = (text: unknown) => (text === undefined ? undefined : String(text).slice(0, KEPT_CHARACTERS))
  const short = { level, time, err: err && { stack: kept(err.stack) }, msg: kept(msg) }
  return `${JSON.stringify({ ...short, cut_bytes: Buffer.byteLength(line) })}\n`
}
