import { join } from 'node:path'
import { bestEffort } from '#core/platform/best-effort.js'
import { type Clock, every } from '#core/platform/clock.js'
import { appendText } from '#core/platform/fs/write-files.js'
import { tell } from '#core/platform/process/stderr.js'
import { RETRY_MS } from './log-file.js'
import { LogFiles } from './log-files.js'
import type { LogSink, LogSinkOptions } from './log-sink.js'
import type { Line } from './ring.js'
import { TIDY_MS } from './tidy-rotated.js'

/** The most bytes that wait for a slow disk; what comes then is lost, and counted. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024

/**
 * Writes lines by this very thread, in the background: for a process in which nothing blocks the event loop, such as one
 * with a program as its child. A thread of its own costs 8 MB.
 */
export function openOwnSink(clock: Clock, options: LogSinkOptions): LogSink {
  const { folder, files: names, onFault } = options
  const onUntidy = (why: string) => tell(`a rotated log could not be tidied: ${why}`)
  const files = new LogFiles(names, { ...options, clock, onUntidy })
  let waiting: Line[] = []
  /** The lines that are on their way. */
  let underWay: readonly Line[] = []
  let waitingBytes = 0
  let dropped = 0
  let writing: Promise<void> | undefined
  let fault: string | undefined

  const writeAll = async () => {
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
  const stops = [
    every(clock, RETRY_MS, () => (fault === undefined ? undefined : write())),
    every(clock, TIDY_MS, () => files.tidy()),
  ]
  return {
    put(flags, line) {
      if (waitingBytes > MOST_WAITING_BYTES) {
        dropped++
        onFault('queue', 'the disk is too slow')
        return
      }
      const bytes = Buffer.from(line)
      waiting.push({ flags, bytes })
      waitingBytes += bytes.length
      void write()
    },
    flushAtExit() {
      const lines = [...underWay, ...waiting] // one may come twice then, but none never
      waiting = []
      for (const { name, bytes } of files.split(lines))
        bestEffort(
          () => appendText(join(folder, name), bytes.toString()),
          (why) => tell(`${name} can't be written: ${why}`),
        )
    },
    async end() {
      for (const stop of stops) stop()
      await write()
      await files.close()
    },
  }
}
