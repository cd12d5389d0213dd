import { Worker } from 'node:worker_threads'
import { type DestinationStream, type Logger, pino } from 'pino'
import type { Clock } from '#core/system/clock.js'
import { packageFile } from '#core/system/package.js'
import { ERROR, pinoLevel, WARN } from './levels.js'
import type { WriterData, WriterNote } from './log-writer.js'
import type { Redact } from './redact.js'
import { LINE, LONGEST_LINE_BYTES, newRing, ringProducer } from './ring.js'

export interface Logging {
  readonly log: Logger
  /** For health.log; its lines are in the main log too. */
  readonly health: Logger
  /** Why lines don't reach the disk at the moment, or undefined. */
  fault(): string | undefined
  /** Writes out all lines and ends the writer's thread. */
  close(): Promise<void>
}

export interface LoggingOptions {
  readonly folder: string
  readonly level: string
  readonly days: number
  readonly redact: Redact
  /** Gets each line, redacted, as JSON. */
  readonly console: (line: string) => void
  readonly files: WriterData['files']
  /** Told once when lines don't reach the disk, and once when they do again. */
  readonly onFault: (fault: string | undefined) => void
  readonly rotateBytes?: number
}

const TEN_MB = 10 * 1024 * 1024
/** How long a line may wait for a slow disk before it is given up, and an error for being written. */
const PATIENCE_MS = 1000

export function openLogging(clock: Clock, options: LoggingOptions): Logging {
  const ring = newRing()
  const data: WriterData = {
    ring,
    folder: options.folder,
    days: options.days,
    rotateBytes: options.rotateBytes ?? TEN_MB,
    files: options.files,
  }
  const writer = new Worker(packageFile('dist', 'log-writer.cjs'), { workerData: data, execArgv: [] })
  writer.unref()
  const queue = ringProducer(ring, () => writer.postMessage('wake'))
  let fault: string | undefined
  let ended = false
  let patience = PATIENCE_MS
  const setFault = (now: string | undefined) => {
    if (now === fault) return
    fault = now
    options.onFault(now)
  }
  writer.on('message', (note: WriterNote) => setFault(note.fault))
  writer.on('error', (error) => {
    ended = true
    setFault(`the log writer ended: ${error.message}`)
  })

  const put = (flags: number, line: string) => {
    options.console(line)
    if (ended) return
    // a disk that hung once isn't waited for again and again, line by line
    if (!queue.put(flags, line, patience)) {
      patience = 0
      setFault('the disk is too slow for the log: lines were dropped')
      return
    }
    if (patience === 0) {
      patience = PATIENCE_MS
      setFault(undefined)
    }
    if (flags & LINE.sync) queue.flush(PATIENCE_MS)
  }
  const flushAtExit = () => void (ended || queue.flush(PATIENCE_MS * 2))
  process.on('exit', flushAtExit)

  const settings = {
    level: pinoLevel(options.level),
    base: null,
    timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return {
    log: pino(settings, destination(put, options.redact, LINE.bot)),
    health: pino(settings, destination(put, options.redact, LINE.bot | LINE.health)),
    fault: () => fault,
    async close() {
      if (ended) return
      queue.flush(PATIENCE_MS * 2)
      ended = true
      process.off('exit', flushAtExit)
      const gone = new Promise((resolve) => writer.once('exit', resolve))
      writer.ref()
      writer.postMessage('end')
      await gone
    },
  }
}

/** pino's metadata tell the level of each line, so that no line needs to be parsed to find its files. */
function destination(put: (flags: number, line: string) => void, redact: Redact, base: number): DestinationStream {
  const stream = {
    [Symbol.for('pino.metadata')]: true,
    lastLevel: 0,
    write(line: string) {
      const level = stream.lastLevel
      const flags = base | (level >= WARN ? LINE.errors : 0) | (level >= ERROR ? LINE.sync : 0)
      put(flags, shortened(redact(line)))
    },
  }
  return stream
}

const KEPT_CHARACTERS = 2000

/** A line too long for the queue keeps its beginning, as a line of its own that is still JSON. */
function shortened(line: string): string {
  if (line.length * 3 < LONGEST_LINE_BYTES || Buffer.byteLength(line) < LONGEST_LINE_BYTES) return line
  const { level, time, msg } = JSON.parse(line)
  const kept = String(msg ?? '').slice(0, KEPT_CHARACTERS)
  return `${JSON.stringify({ level, time, msg: kept, cut_bytes: Buffer.byteLength(line) })}\n`
}
