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
