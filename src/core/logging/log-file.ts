import { once } from 'node:events'
import { join } from 'node:path'
import { createStream, type RotatingFileStream } from 'rotating-file-stream'
import { messageOf } from '#core/errors.js'
import { compressFile } from '#core/system/compress.js'
import { endsWithinLine, exists, isFolder, listFolder, removeFile } from '#core/system/files.js'
import { isExpired, rotatedName, rotatedTime } from './rotated-name.js'

const RETRY_MS = 1000
const LOOK_MS = 1000
/** Readable by the owner and the group: logs are redacted, but still nobody else's business. */
const MODE = 0o640

export interface LogFileOptions {
  readonly folder: string
  readonly name: string
  readonly days: number
  /** Size that makes the file rotate, in bytes. */
  readonly rotateBytes: number
}

/** One rotating log. Whole lines in, many at once; it opens its file anew when that failed, was moved or removed. */
export class LogFile {
  readonly #options: LogFileOptions
  readonly #path: string
  #stream: RotatingFileStream | undefined
  #failure: unknown
  #retryAt = 0
  #lookAt = 0
  #chores: Promise<void> = Promise.resolve()

  constructor(options: LogFileOptions) {
    this.#options = options
    this.#path = join(options.folder, options.name)
    this.#chore(() => this.tidy())
  }

  /** @throws what the disk said; the lines are lost then. */
  async write(lines: Buffer): Promise<void> {
    const stream = await this.#open()
    await new Promise<void>((resolve, reject) => {
      stream.write(lines, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** Compresses what was rotated and is still plain, and removes what is older than its days. */
  async tidy(): Promise<void> {
    const { folder, name, days } = this.#options
    for (const file of listFolder(folder)) {
      if (file.startsWith(`.${name}.`) && file.endsWith('.gz')) removeFile(join(folder, file))
      const time = rotatedTime(name, file)
      if (time === undefined) continue
      if (isExpired(time, days, Date.now())) removeFile(join(folder, file))
      else if (!file.endsWith('.gz')) await compressFile(join(folder, file), MODE)
    }
  }

  /** Ends the file's stream and the work on rotated files. */
  async close(): Promise<void> {
    const stream = this.#stream
    this.#stream = undefined
    if (stream && !stream.destroyed) {
      stream.end()
      await once(stream, 'close').catch(() => {})
    }
    await this.#chores
  }

  async #open(): Promise<RotatingFileStream> {
    const now = performance.now()
    if (this.#stream && now >= this.#lookAt) {
      this.#lookAt = now + LOOK_MS
      if (!exists(this.#path)) await this.close() // somebody moved or removed it
    }
    if (this.#stream) return this.#stream
    if (now < this.#retryAt) throw this.#failure
    try {
      const torn = endsWithinLine(this.#path)
      const stream = this.#create()
      await once(stream, 'open')
      this.#stream = stream
      if (torn) await this.write(Buffer.from('\n'))
      return stream
    } catch (error) {
      this.#fail(error)
      throw error
    }
  }

  #create(): RotatingFileStream {
    const { folder, name, rotateBytes } = this.#options
    if (exists(folder) && !isFolder(folder)) throw new Error(`${folder} is not a folder`)
    const stream = createStream((time, index) => (time ? rotatedName(name, time as Date, index ?? 1) : name), {
      path: folder,
      size: `${rotateBytes}B`,
      mode: MODE,
    })
    stream.on('error', (error) => this.#fail(error))
    stream.on('rotated', (file) => this.#chore(() => compressFile(file, MODE).then(() => this.tidy())))
    return stream
  }

  #fail(error: unknown): void {
    this.#failure = error
    this.#retryAt = performance.now() + RETRY_MS
    this.#stream?.destroy()
    this.#stream = undefined
  }

  /** One after the other, and never in a line's way. What fails is tried again at the next rotation or start. */
  #chore(work: () => Promise<void>): void {
    this.#chores = this.#chores.then(work).catch((error) => {
      process.stderr.write(`catalyst: a rotated log could not be tidied: ${messageOf(error)}\n`)
    })
  }
}
