import fs from 'node:fs'
import { codeOf } from '#core/errors.js'
import { fileId, openFile, openFileId } from './open-file.js'
import { openFileLines } from './text-lines.js'

const CHUNK_BYTES = 64 * 1024
const NEWLINE = 0x0a

/** Follows one file, even after another took its name: {@link wasReplaced} says so. A missing file has no lines. */
export class FileTail {
  readonly #path: string
  readonly #file: number | undefined
  readonly #id: string | undefined
  readonly #begin: number
  #position: number
  #rest = Buffer.alloc(0)

  /** Reads only what is appended from now on, unless `from` says otherwise. */
  constructor(path: string, from: 'its end' | 'from its beginning' = 'its end') {
    this.#path = path
    this.#file = openedFile(path)
    this.#id = this.#file === undefined ? undefined : openFileId(this.#file)
    this.#begin = this.#file === undefined || from === 'from its beginning' ? 0 : endOfLastLine(this.#file)
    this.#position = this.#begin
  }

  get isOpen(): boolean {
    return this.#file !== undefined
  }

  /** Yields the complete lines that the file had when it was opened. */
  async *before(): AsyncGenerator<string> {
    if (this.#file !== undefined) yield* openFileLines(this.#file, this.#begin)
  }

  /** Returns the complete lines that were appended since it was opened, or since the last call. */
  read(): string[] {
    const lines: string[] = []
    if (this.#file === undefined) return lines
    const { size } = fs.fstatSync(this.#file)
    if (size === this.#position) return lines
    if (size < this.#position) {
      this.#position = 0 // somebody emptied it
      this.#rest = Buffer.alloc(0)
    }
    const chunk = Buffer.alloc(CHUNK_BYTES)
    for (;;) {
      const count = fs.readSync(this.#file, chunk, 0, CHUNK_BYTES, this.#position)
      if (count === 0) return lines
      this.#position += count
      this.#rest = Buffer.concat([this.#rest, chunk.subarray(0, count)])
      const end = this.#rest.lastIndexOf(NEWLINE)
      if (end === -1) continue
      lines.push(...this.#rest.toString('utf8', 0, end).split(/\r?\n/))
      this.#rest = this.#rest.subarray(end + 1)
    }
  }

  /** Returns whether the name belongs to another file now; false while no file has the name. */
  wasReplaced(): boolean {
    const now = fileId(this.#path)
    return now !== undefined && now !== this.#id
  }

  close(): void {
    if (this.#file !== undefined) fs.closeSync(this.#file)
  }
}

function openedFile(path: string): number | undefined {
  try {
    return openFile(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined // not there yet, or not at the moment
    throw error
  }
}

/** Returns where the last complete line ends, in bytes. */
function endOfLastLine(file: number): number {
  const chunk = Buffer.alloc(CHUNK_BYTES)
  for (let end = fs.fstatSync(file).size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES)
    const count = fs.readSync(file, chunk, 0, end - start, start)
    const newline = chunk.subarray(0, count).lastIndexOf(NEWLINE)
    if (newline !== -1) return start + newline + 1
    end = start
  }
  return 0
}
