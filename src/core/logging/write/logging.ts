import { type Logger, type LoggerOptions, pino } from 'pino'
import { LEVELS, pinoLevel } from '#core/logging/levels.js'
import type { Redact } from '#core/logging/redact.js'
import { type Clock, every } from '#core/platform/clock.js'
import { type LoopWatch, loopWatch } from './blocked-loop.js'
import { destination } from './destination.js'
import type { FileNames } from './file-names.js'
import { openOwnSink } from './own-sink.js'
import type { Retention } from './retention.js'
import { LINE } from './ring.js'
import { openThreadSink } from './thread-sink.js'
import { ROTATE_BYTES } from './tidy-rotated.js'

export interface Logging {
  readonly log: Logger
  /** The logger that a bot in this process is given: its errors are counted. */
  readonly bot: Logger
  /** The logger for health.log; its lines are in the main log too. */
  readonly health: Logger
  /** Begins to write, where that was put off. */
  begin(): void
  /** Returns why lines don't reach the disk at the moment, or undefined. */
  fault(): string | undefined
  /** Writes out all lines, and ends what writes them. */
  close(): Promise<void>
}

export interface LoggingOptions {
  readonly folder: string
  readonly level: string
  readonly retention: Retention
  readonly redact: Redact
  /** Called with each line, redacted, as JSON. */
  readonly console: (line: string) => void
  readonly files: FileNames
  /** Called once when lines don't reach the disk, and once when they do again. */
  readonly onFault: (fault: string | undefined) => void
  /** Called for each error that is logged by {@link Logging.bot}. */
  readonly onBotError?: () => void
  /** The size that makes a file rotate, in bytes. */
  readonly rotateBytes?: number
  /**
   * The thread that writes: one of its own, which begins at once, or `later` by {@link Logging.begin} or the first warning;
   * or `none` where nothing blocks this very thread, see {@link openOwnSink}. Default: `now`.
   */
  readonly thread?: 'now' | 'later' | 'none'
  /**
   * The freeze threshold: an event loop that is blocked well before it is logged, with the place. Without it nothing
   * watches the loop.
   */
  readonly freezeThresholdMs?: number
}

export function openLogging(clock: Clock, options: LoggingOptions): Logging {
  const { folder, retention, files, rotateBytes = ROTATE_BYTES, freezeThresholdMs, thread = 'now' } = options
  const faults = faultReporter(options.onFault)
  const sinkOptions = { folder, retention, files, rotateBytes, onFault: faults.set }
  const loop = freezeThresholdMs === undefined || thread === 'none' ? undefined : loopWatch(freezeThresholdMs)
  const sink =
    thread === 'none'
      ? openOwnSink(clock, sinkOptions)
      : openThreadSink(clock, { ...sinkOptions, loop, begins: thread })
  const stopPulse = loop ? pulsate(clock, loop) : () => {}
  let ended = false
  const put = (flags: number, line: string) => {
    options.console(line)
    if (!ended) sink.put(flags, line)
  }
  process.on('exit', sink.flushAtExit)

  const settings = pinoSettings(clock, options.level)
  return {
    log: pino(settings, destination(put, options.redact, LINE.bot)),
    bot: pino(countingErrors(settings, options.onBotError), destination(put, options.redact, LINE.bot)),
    health: pino(settings, destination(put, options.redact, LINE.bot | LINE.health)),
    begin: sink.begin,
    fault: faults.current,
    async close() {
      if (ended) return
      ended = true
      stopPulse()
      process.off('exit', sink.flushAtExit)
      await sink.end()
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
