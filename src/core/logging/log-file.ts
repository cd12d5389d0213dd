import { once } from 'node:events'
import { join } from 'node:path'
import { createStream, type RotatingFileStream } from 'rotating-file-stream'
import { messageOf } from '#core/errors.js'
import type { Clock } from '#core/system/clock.js'
import { endsWithinLine, listFolder } from '#core/system/files.js'
import { fileId, writeWhole } from '#core/system/open-file.js'
import { rotatedName, timeToRotate } from './rotated-name.js'
import { LOG_MODE, tidyRotated } from './tidy-rotated.js'

/** How soon a file that failed is tried again. */
export const RETRY_MS = 1000

export interface LogFileOptions {
  readonly folder: string
  readonly name: string
  readonly days: number
  /** Size that makes the file rotate, in bytes. */
  readonly rotateBytes: number
  readonly clock: Clock
  /** Told why rotated files could not be compressed or removed; it is tried again at the next rotation, hour and start. */
  readonly onUntidy: (why: string) => void
}

/** One rotating log. It opens its file anew when that failed, was moved or removed, and counts what is lost meanwhile. */
export class LogFile {
  readonly #options: LogFileOptions
  readonly #path: string
  #stream: RotatingFileStream | undefined
  #id: string | undefined
  #fault: string | undefined
  #retryAt = 0
  #lost = 0
  #chores: Promise<void> = Promise.resolve()
  #tidyWaits = false

  constructor(options: LogFileOptions) {
    this.#options = options
    this.#path = join(options.folder, options.name)
    this.tidy()
  }

  /** What the disk said when the last lines were lost; undefined when they weren't. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** Counts lines that never came here, so that the log tells of them. */
  countLost(lines: number): void {
    this.#lost += lines
  }

  /**
   * Resolves when the lines are with the system, or lost: see {@link fault}. Each ends with its line end. With none at
   * all it tries again after a fault. To be called again only when the last call is over.
   */
  async write(lines: readonly Buffer[]): Promise<void> {
    if (lines.length === 0 && this.#lost === 0 && this.#fault === undefined) return
    if (this.#fault !== undefined && this.#options.clock.monotonic() < this.#retryAt) {
      this.#lost += lines.length
      return
    }
    try {
      await this.#open()
      await this.#append(
        Buffer.concat(this.#lost > 0 ? [lostNote(this.#lost, this.#options.clock.now()), ...lines] : lines),
      )
      this.#lost = 0
      this.#fault = undefined
    } catch (error) {
      this.#lost += lines.length
      this.#fault = messageOf(error)
      this.#retryAt = this.#options.clock.monotonic() + RETRY_MS
      this.#stream?.destroy()
      this.#stream = undefined
    }
  }

  /** Soon compresses what was rotated and removes what is too old: one after the other, and never in a line's way. */
  tidy(): void {
    if (this.#tidyWaits) return
    this.#tidyWaits = true
    this.#chores = this.#chores
      .then(() => {
        this.#tidyWaits = false
        return tidyRotated(this.#options, this.#options.clock.now())
      })
      .catch((error) => this.#options.onUntidy(messageOf(error)))
  }

  /** Ends the file's stream and the work on rotated files. */
  async close(): Promise<void> {
    await this.#end()
    await this.#chores
  }

  async #open(): Promise<void> {
    if (this.#stream && fileId(this.#path) !== this.#id) await this.#end() // it was moved, removed or replaced
    if (this.#stream) return
    this.#stream = this.#create()
    await once(this.#stream, 'open')
    if (endsWithinLine(this.#path)) await this.#append(Buffer.from('\n'))
  }

  #append(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream?.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
  }

  #create(): RotatingFileStream {
    const { folder, name, rotateBytes, clock } = this.#options
    const nameOf = (time: Date | number | null, index = 1) =>
      time ? rotatedName(name, timeToRotate(name, listFolder(folder), clock.now()), index) : name
    const stream = createStream(nameOf, { path: folder, size: `${rotateBytes}B`, mode: LOG_MODE })
    stream.on('open', () => {
      this.#id = fileId(this.#path)
      writeAtOnce(stream)
    })
    stream.on('rotated', () => this.tidy())
    stream.on('error', () => {}) // whoever opens or writes gets it too
    return stream
  }

  async #end(): Promise<void> {
    const stream = this.#stream
    this.#stream = undefined
    if (!stream || stream.destroyed) return
    stream.end()
    await once(stream, 'close').catch(() => {})
  }
}

/**
 * rotating-file-stream hands each write to the pool of threads that this process shares, where the bot's own work may
 * stand before it for seconds, and takes it for whole when a full disk took a part only. This thread has nothing else to
 * do than write: it does so itself, and to the end.
 */
function writeAtOnce(stream: RotatingFileStream): void {
  const { file } = stream as unknown as { file: { fd: number; write(bytes: Buffer): Promise<void> } }
  file.write = async (bytes) => writeWhole(file.fd, bytes)
}

function lostNote(lines: number, nowMs: number): Buffer {
  const time = new Date(nowMs).toISOString()
  const note = { level: 'warn', time, msg: `up to ${lines} log lines could not be written` }
  return Buffer.from(`${JSON.stringify(note)}\n`)
}
