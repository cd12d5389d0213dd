import { once } from 'node:events'
import { join } from 'node:path'
import { createStream, type RotatingFileStream } from 'rotating-file-stream'
import { messageOf, writeFault } from '#core/errors.js'
import { rotatedName, timeToRotate } from '#core/logging/rotated-name.js'
import type { Clock } from '#core/platform/clock.js'
import { listFolder } from '#core/platform/fs/files.js'
import { fileId, writeWhole } from '#core/platform/fs/open-file.js'
import { endsWithinLine } from '#core/platform/fs/write-files.js'
import type { Retention } from './retention.js'
import { LOG_MODE, RETRY_MS, tidyRotated } from './tidy-rotated.js'

export interface LogFileOptions {
  readonly folder: string
  readonly name: string
  readonly retention: Retention
  /** The size that makes the file rotate, in bytes. */
  readonly rotateBytes: number
  readonly clock: Clock
  /**
   * Called with the reason when rotated files could not be compressed or removed; they are retried at the next
   * rotation, hour and start.
   */
  readonly onUntidy: (why: string) => void
}

/**
 * One rotating log. It opens its file anew when that failed, was moved or removed, and counts the lines lost meanwhile.
 */
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

  /** The disk's error when the last lines were lost; undefined when they weren't. */
  get fault(): string | undefined {
    return this.#fault
  }

  /** Counts lines that never came here, so that the log mentions them. */
  countLost(lines: number): void {
    this.#lost += lines
  }

  /**
   * Resolves when the lines are with the system, or lost: see {@link fault}. Each ends with its line end. Without lines
   * it retries after a fault. Call it again only after the last call has resolved.
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
      this.#fault = writeFault(error, this.#options.folder)
      this.#retryAt = this.#options.clock.monotonic() + RETRY_MS
      this.#stream?.destroy()
      this.#stream = undefined
    }
  }

  /**
   * Soon compresses rotated files and removes those that are too old: one after the other, and never in a line's way.
   */
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
    stream.on('error', () => {}) // the open or the write rejects with it too
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
 * Makes the stream write in this thread, and completely. rotating-file-stream hands each write to the pool of threads
 * that this process shares, where the bot's own work may queue before it for seconds, and takes it for complete when a
 * full disk took a part only. This thread has nothing else to do than write.
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
