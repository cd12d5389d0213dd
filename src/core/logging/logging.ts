import { type Logger, type LoggerOptions, pino } from 'pino'
import { type Clock, every } from '#core/system/clock.js'
import { type LoopWatch, loopWatch } from './blocked-loop.js'
import { destination } from './destination.js'
import { pinoLevel } from './levels.js'
import type { WriterData } from './log-writer.js'
import type { Redact } from './redact.js'
import { LINE, newRing, ringProducer } from './ring.js'
import { ROTATE_BYTES } from './tidy-rotated.js'
import { startWriter } from './writer-thread.js'

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
  /** Size that makes a file rotate, in bytes. */
  readonly rotateBytes?: number
  /** An event loop that is blocked well before this many ms is written down, with where. Left out: nobody watches it. */
  readonly freezeThresholdMs?: number
}

/** How long a line may wait for room in the queue before it is given up, and an error for being written. */
const PATIENCE_MS = 2000
const LOOK_MS = 1000

export function openLogging(clock: Clock, options: LoggingOptions): Logging {
  const { folder, days, files, rotateBytes = ROTATE_BYTES } = options
  const faults = faultTeller(options.onFault)
  const ring = newRing()
  const loop = options.freezeThresholdMs === undefined ? undefined : loopWatch(options.freezeThresholdMs)
  const writer = startWriter(clock, { ring, folder, days, files, rotateBytes, loop }, (note) =>
    faults.set('writer', note.fault),
  )
  const stopPulse = loop ? pulsate(clock, loop) : () => {}
  const queue = ringProducer(ring, writer.wake)
  let ended = false
  /** What was written when a wait ended in vain. While it stays at that, no line waits again. */
  let stuckAt: number | undefined
  let cancelLook = () => {}
  const patience = () => (queue.written() === stuckAt ? 0 : PATIENCE_MS)

  const put = (flags: number, line: string) => {
    options.console(line)
    if (ended) return
    if (queue.put(flags, line, patience()) && (!(flags & LINE.sync) || queue.flush(patience()))) return
    if (stuckAt === undefined) cancelLook = clock.after(LOOK_MS, look)
    stuckAt = queue.written()
    faults.set('queue', 'the disk is too slow')
  }
  const look = () => {
    if (queue.written() === stuckAt) {
      cancelLook = clock.after(LOOK_MS, look)
      return
    }
    stuckAt = undefined
    faults.set('queue', undefined)
  }
  const flushAtExit = () => void queue.flush(patience())
  process.on('exit', flushAtExit)

  const settings = pinoSettings(clock, options.level)
  return {
    log: pino(settings, destination(put, options.redact, LINE.bot)),
    health: pino(settings, destination(put, options.redact, LINE.bot | LINE.health)),
    fault: faults.current,
    async close() {
      if (ended) return
      queue.flush(patience())
      ended = true
      cancelLook()
      stopPulse()
      process.off('exit', flushAtExit)
      await writer.end()
    },
  }
}

function pulsate(clock: Clock, { pulse, tickMs }: LoopWatch): () => void {
  const beats = new Int32Array(pulse)
  return every(clock, tickMs, () => void Atomics.add(beats, 0, 1))
}

/** Tells when the first of several faults begins and when the last is over. Its words may change meanwhile. */
function faultTeller(tell: (fault: string | undefined) => void) {
  const faults = new Map<string, string>()
  const current = (): string | undefined => faults.values().next().value
  return {
    current,
    set(source: string, fault: string | undefined) {
      const before = faults.size
      if (fault === undefined) faults.delete(source)
      else faults.set(source, fault)
      if ((before === 0) !== (faults.size === 0)) tell(current())
    },
  }
}

/** What every line of every log looks like. */
export function pinoSettings(clock: Clock, level: string): LoggerOptions {
  return {
    level: pinoLevel(level),
    base: null,
    timestamp: timestamper(clock),
    formatters: { level: (label: string) => ({ level: label }) },
  }
}

/** pino asks for the time of every line; many fall into the same millisecond. */
function timestamper(clock: Clock): () => string {
  let ms: number | undefined
  let text = ''
  return () => {
    const now = clock.now()
    if (now !== ms) text = `,"time":"${new Date(now).toISOString()}"`
    ms = now
    return text
  }
}
