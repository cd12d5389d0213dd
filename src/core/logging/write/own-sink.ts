import { join } from 'node:path'
import { bestEffort } from '#core/platform/best-effort.js'
import { type Clock, every } from '#core/platform/clock.js'
import { appendText } from '#core/platform/fs/write-files.js'
import { tell } from '#core/platform/process/stderr.js'
import { linesFor, targetsOf } from './file-names.js'
import type { LogFiles } from './log-files.js'
import type { LogSink, LogSinkOptions } from './log-sink.js'
import { LINE, type Line } from './ring.js'
import { LOG_MODE, RETRY_MS, TIDY_MS } from './tidy-rotated.js'

/** The most bytes that wait for a slow disk; what comes then is lost, and counted. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024

/**
 * Writes lines by this very thread, in the background: for a process in which nothing blocks the event loop, such as one
 * with a program as its child. A thread of its own costs 8 MB. It begins when it is told to, or with the first warning.
 */
export function openOwnSink(clock: Clock, options: LogSinkOptions): LogSink {
  const { folder, files: names, onFault } = options
  const onUntidy = (why: string) => tell(`a rotated log could not be tidied: ${why}`)
  let files: LogFiles | undefined
  let waiting: Line[] = []
  /** The lines that are on their way. */
  let underWay: readonly Line[] = []
  let waitingBytes = 0
  let dropped = 0
  let hasBegun = false
  let writing: Promise<void> | undefined
  let fault: string | undefined

  const openFiles = async () => {
    const { LogFiles } = await import('./log-files.js') // a bot's start must not wait for it
    return new LogFiles(names, { ...options, clock, onUntidy })
  }
  const writeAll = async () => {
    files ??= await openFiles()
    do {
      const lost = dropped
      underWay = waiting
      waiting = []
      waitingBytes = 0
      dropped = 0
      fault = await files.write(underWay, lost)
      underWay = []
      onFault('writer', fault)
      if (waitingBytes <= MOST_WAITING_BYTES) onFault('queue', undefined)
    } while (waiting.length > 0)
  }
  const write = () => {
    writing ??= writeAll().finally(() => {
      writing = undefined
    })
    return writing
  }
  const begin = () => {
    if (hasBegun) return
    hasBegun = true
    void write()
  }
  const stops = [
    every(clock, RETRY_MS, () => (fault === undefined ? undefined : write())),
    every(clock, TIDY_MS, () => files?.tidy()),
  ]
  return {
    begin,
    put(flags, line) {
      if (waitingBytes > MOST_WAITING_BYTES) {
        dropped++
        onFault('queue', 'the disk is too slow')
        return
      }
      const bytes = Buffer.from(line)
      waiting.push({ flags, bytes })
      waitingBytes += bytes.length
      if (flags & LINE.errors) hasBegun = true
      if (hasBegun) void write()
    },
    flushAtExit() {
      const lines = [...underWay, ...waiting] // one may come twice then, but none never
      waiting = []
      for (const { flag, name } of targetsOf(names)) {
        const bytes = Buffer.concat(linesFor(flag, lines))
        if (bytes.length === 0) continue
        bestEffort(
          () => appendText(join(folder, name), bytes, LOG_MODE),
          (why) => tell(`${name} can't be written: ${why}`),
        )
      }
    },
    async end() {
      for (const stop of stops) stop()
      await write()
      await files?.close()
    },
  }
}
