import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { stripVTControlCharacters } from 'node:util'

/** The longest line that is passed on in one piece, so that a program without line ends can't fill our memory. */
export const LONGEST_PIECE = 16_384

/** Splits a stream of bytes into lines. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split('\n')
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#emit(line)
    while (this.#rest.length > LONGEST_PIECE) {
      this.#emit(this.#rest.slice(0, LONGEST_PIECE))
      this.#rest = this.#rest.slice(LONGEST_PIECE)
    }
  }

  end(): void {
    this.#emit(this.#rest + this.#decoder.end())
    this.#rest = ''
  }

  #emit(line: string): void {
    const text = stripVTControlCharacters(line).trimEnd()
    for (let at = 0; at < text.length; at += LONGEST_PIECE) this.#onLine(text.slice(at, at + LONGEST_PIECE))
  }
}

/** Passes on the output of a program's stream, line by line. */
export function onLines(stream: Readable | null, onLine: (line: string) => void): void {
  const splitter = new LineSplitter(onLine)
  stream?.on('data', (chunk: Buffer) => splitter.push(chunk)).on('end', () => splitter.end())
}

type Level = 'debug' | 'info' | 'warn' | 'error' | 'fatal'

const NAMED: readonly [RegExp, Level][] = [
  [/\b(CRITICAL|FATAL)\b/, 'fatal'],
  [/\bERROR\b/, 'error'],
  [/\b(WARN|WARNING)\b/, 'warn'],
  [/\bINFO\b/, 'info'],
  [/\b(DEBUG|TRACE)\b/, 'debug'],
]
/** The part of a line in which loggers name the level; further on it is only a word. */
const HEAD = 60

/** Returns the level that a program's line names; without one, a line on stderr is a warning. */
export function levelOf(line: string, stream: 'stdout' | 'stderr'): Level {
  const head = line.slice(0, HEAD)
  const named = NAMED.find(([pattern]) => pattern.test(head))
  return named?.[1] ?? (stream === 'stderr' ? 'warn' : 'info')
}
