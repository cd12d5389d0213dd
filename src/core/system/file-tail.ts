import fs from 'node:fs'

const CHUNK_BYTES = 64 * 1024
const NEWLINE = 0x0a

/** Follows the file behind a name, over rotations: what was rotated away is read to its end first. */
export class FileTail {
  readonly #path: string
  #file: number | undefined
  #position = 0
  #rest = Buffer.alloc(0)

  constructor(path: string) {
    this.#path = path
    this.#open()
  }

  /** Goes to the end of the last whole line; the answer is where that is, in bytes. */
  skipToEnd(): number {
    if (this.#file === undefined) return 0
    let end = fs.fstatSync(this.#file).size
    const byte = Buffer.alloc(1)
    while (end > 0 && fs.readSync(this.#file, byte, 0, 1, end - 1) === 1 && byte[0] !== NEWLINE) end--
    this.#position = end
    return end
  }

  /** The whole lines that have come since. */
  read(): string[] {
    const lines = this.#readOn()
    if (!this.#wasReplaced()) return lines
    const late = this.#readOn()
    this.close()
    this.#open()
    return [...lines, ...late, ...this.#readOn()]
  }

  close(): void {
    if (this.#file !== undefined) fs.closeSync(this.#file)
    this.#file = undefined
  }

  #open(): void {
    try {
      this.#file = fs.openSync(this.#path, 'r')
    } catch {
      this.#file = undefined // not there yet, or at this moment not
    }
    this.#position = 0
    this.#rest = Buffer.alloc(0)
  }

  #wasReplaced(): boolean {
    if (this.#file === undefined) return true
    const now = fs.statSync(this.#path, { throwIfNoEntry: false, bigint: true })
    return now !== undefined && now.ino !== fs.fstatSync(this.#file, { bigint: true }).ino
  }

  #readOn(): string[] {
    const lines: string[] = []
    if (this.#file === undefined) return lines
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
}
