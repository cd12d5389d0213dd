import { type Logger, type LoggerOptions, pino } from 'pino'
import { LEVELS, pinoLevel } from '#core/logging/levels.js'
import type { Redact } from '#core/logging/redact.js'
import { type Clock, every } from '#core/platform/clock.js'
import { type LoopWatch, loopWatch } from './blocked-loop.js'
import { destination } from './destination.js'
import type { WriterData } from './log-writer.js'
import type { Retention } from './retention.js'
import { LINE, newRing, ringProducer } from './ring.js'
import { ROTATE_BYTES } from './tidy-rotated.js'
import { startWriter } from './writer-thread.js'

export interface Logging {
  readonly log: Logger
  /** The logger that a bot in this process is given: its errors are counted. */
  readonly bot: Logger
  /** The logger for health.log; its lines are in the main log too. */
  readonly health: Logger
  /** Returns why lines don't reach the disk at the moment, or undefined. */
  fault(): string | undefined
  /** Writes out all lines and ends the writer's thread. */
  close(): Promise<void>
}

export interface LoggingOptions {
  readonly folder: string
  readonly level: string
  readonly retention: Retention
  readonly redact: Redact
  /** Called with each line, redacted, as JSON. */
  readonly console: (line: string) => void
  readonly files: WriterData['files']
  /** Called once when lines don't reach the disk, and once when they do again. */
  readonly onFault: (fault: string | undefined) => void
  /** Called for each error that is logged by {@link Logging.bot}. */
  readonly onBotError?: () => void
  /** The size that makes a file rotate, in bytes. */
  readonly rotateBytes?: number
  /**
   * The freeze threshold: an event loop that is blocked well before it is logged, with the place. Without it nothing
   * watches the loop.
   */
  readonly freezeThresholdMs?: number
  /**
   * `later`: the writer's thread starts with the first line, or in the next turn of the event loop, so that what is done
   * until then doesn't wait for it. Default: `now`.
   */
  readonly begins?: 'now' | 'later'
}

/** The time for which a line may wait for space in the queue before it is given up, and an error for being written. */
const MAX_WAIT_MS = 2000
const POLL_INTERVAL_MS = 1000

export function openLogging(clock: Clock, options: LoggingOptions): Logging {
  const { folder, retention, files, rotateBytes = ROTATE_BYTES } = options
  const faults = faultReporter(options.onFault)
  const ring = newRing()
  const loop = options.freezeThresholdMs === undefined ? undefined : loopWatch(options.freezeThresholdMs)
  const writer = startWriter(
    clock,
    { ring, folder, retention, files, rotateBytes, loop },
    { begins: options.begins ?? 'now', onNote: (note) => faults.set('writer', note.fault) },
  )
  const stopPulse = loop ? pulsate(clock, loop) : () => {}
  const queue = ringProducer(ring, writer.wake)
  let ended = false
  /** The number of written lines when a wait timed out. While it stays at that, no line waits again. */
  let stuckAt: number | undefined
  let cancelPoll = () => {}
  const maxWait = () => (queue.written() === stuckAt ? 0 : MAX_WAIT_MS)

  const put = (flags: number, line: string) => {
    options.console(line)
    if (ended) return
    writer.begin()
    if (queue.put(flags, line, maxWait()) && (!(flags & LINE.sync) || queue.flush(maxWait()))) return
    if (stuckAt === undefined) cancelPoll = clock.after(POLL_INTERVAL_MS, poll)
    stuckAt = queue.written()
    faults.set('queue', 'the disk is too slow')
  }
  const poll = () => {
    if (queue.written() === stuckAt) {
      cancelPoll = clock.after(POLL_INTERVAL_MS, poll)
      return
    }
    stuckAt = undefined
    faults.set('queue', undefined)
  }
  const flushAtExit = () => void queue.flush(maxWait())
  process.on('exit', flushAtExit)

  const settings = pinoSettings(clock, options.level)
  return {
    log: pino(settings, destination(put, options.redact, LINE.bot)),
    bot: pino(countingErrors(settings, options.onBotError), destination(put, options.redact, LINE.bot)),
    health: pino(settings, destination(put, options.redact, LINE.bot | LINE.health)),
    fault: faults.current,
    async close() {
      if (ended) return
      queue.flush(maxWait())
      ended = true
      cancelPoll()
      stopPulse()
      process.off('exit', flushAtExit)
      await writer.end()
    },
  }
}

function countingErrors(settings: LoggerOptions, onError = () => {}): LoggerOptions {
  return {
    ...settings,
    hooks: {
      logMethod(args, method, level) {
        if (level >= LEVELS.error) onError()
        Reflect.apply(method, this, args)
      },
    },
  }
}

function pulsate(clock: Clock, { pulse, tickMs }: LoopWatch): () => void {
  const beats = new Int32Array(pulse)
  return every(clock, tickMs, () => void Atomics.add(beats, 0, 1))
}

/** Reports when the first of several faults begins and when the last is over. The text may change meanwhile. */
function faultReporter(report: (fault: string | undefined) => void) {
  const faults = new Map<string, string>()
  const current = (): string | undefined => faults.values().next().value
  return {
    current,
    set(source: string, fault: string | undefined) {
      const before = faults.size
      if (fault === undefined) faults.delete(source)
      else faults.set(source, fault)
      if ((before === 0) !== (faults.size === 0)) report(current())
    },
  }
}

/** Returns the settings that every line of every log follows. */
export function pinoSettings(clock: Clock, level: string): LoggerOptions {
  return {
    level: pinoLevel(level),
    base: null,
    timestamp: timestamper(clock),
    formatters: { level: (label: string) => ({ level: label }) },
  }
}

/** Caches the time: pino asks for it for every line, and many fall into the same millisecond. */
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
