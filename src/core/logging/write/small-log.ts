import { type Logger, pino } from 'pino'
import type { Redact } from '#core/logging/redact.js'
import { type Clock, every } from '#core/platform/clock.js'
import { destination } from './destination.js'
import { LogFile } from './log-file.js'
import { pinoSettings } from './logging.js'
import type { Retention } from './retention.js'
import { LINE } from './ring.js'
import { RETRY_MS, ROTATE_BYTES, TIDY_MS } from './tidy-rotated.js'

export interface SmallLogOptions {
  readonly folder: string
  readonly name: string
  readonly level: string
  readonly retention: Retention
  readonly redact: Redact
  /** Called with each line, redacted, as JSON. */
  readonly console: (line: string) => void
  /** Called once when lines don't reach the disk, and once when they do again. */
  readonly onFault: (fault: string | undefined) => void
}

/**
 * Opens a log of one file, written by this very thread: for processes that log seldom and never block. A thread of its
 * own, as a bot's log has, costs 9 MB.
 */
export function openSmallLog(clock: Clock, options: SmallLogOptions): { log: Logger; close(): Promise<void> } {
  const { folder, name, level, retention, redact, console, onFault } = options
  const onUntidy = (why: string) => onFault(`a rotated log could not be tidied: ${why}`)
  const file = new LogFile({ folder, name, retention, rotateBytes: ROTATE_BYTES, clock, onUntidy })
  let waiting: Buffer[] = []
  let writing: Promise<void> | undefined
  let fault: string | undefined

  const writeAll = async () => {
    do {
      const lines = waiting
      waiting = []
      await file.write(lines)
      if (file.fault !== fault) onFault(file.fault)
      fault = file.fault
    } while (waiting.length > 0)
  }
  const write = () => {
    writing ??= writeAll().finally(() => {
      writing = undefined
    })
    return writing
  }
  const put = (_flags: number, line: string) => {
    console(line)
    waiting.push(Buffer.from(line))
    void write()
  }
  const stops = [
    every(clock, RETRY_MS, () => (fault === undefined ? undefined : write())),
    every(clock, TIDY_MS, () => file.tidy()),
  ]
  return {
    log: pino(pinoSettings(clock, level), destination(put, redact, LINE.bot)),
    async close() {
      for (const stop of stops) stop()
      await write()
      await file.close()
    },
  }
}
