import type { Clock } from '#core/platform/clock.js'
import type { LoopWatch } from './blocked-loop.js'
import type { LogSink, LogSinkOptions } from './log-sink.js'
import { LINE, newRing, ringProducer } from './ring.js'
import { startWriter } from './writer-thread.js'

/** The time for which a line may wait for space in the queue before it is given up, and an error for being written. */
const MAX_WAIT_MS = 2000
const POLL_INTERVAL_MS = 1000

/** Writes lines by a thread of its own, which a blocked event loop does not hold up. `loop` is the one that it watches. */
export function openThreadSink(
  clock: Clock,
  options: LogSinkOptions & { readonly loop: LoopWatch | undefined; readonly begins: 'now' | 'later' },
): LogSink {
  const { folder, retention, files, rotateBytes, loop, begins, onFault } = options
  const ring = newRing()
  const writer = startWriter(
    clock,
    { ring, folder, retention, files, rotateBytes, loop },
    { begins, onNote: ({ fault }) => onFault('writer', fault) },
  )
  const queue = ringProducer(ring, writer.wake)
  /** The number of written lines when a wait timed out. While it stays at that, no line waits again. */
  let stuckAt: number | undefined
  let cancelPoll = () => {}
  const maxWait = () => (queue.written() === stuckAt ? 0 : MAX_WAIT_MS)

  const poll = () => {
    if (queue.written() === stuckAt) {
      cancelPoll = clock.after(POLL_INTERVAL_MS, poll)
      return
    }
    stuckAt = undefined
    onFault('queue', undefined)
  }
  return {
    begin: writer.begin,
    put(flags, line) {
      if (flags & LINE.errors) writer.begin()
      if (queue.put(flags, line, maxWait()) && (!(flags & LINE.sync) || queue.flush(maxWait()))) return
      if (stuckAt === undefined) cancelPoll = clock.after(POLL_INTERVAL_MS, poll)
      stuckAt = queue.written()
      onFault('queue', 'the disk is too slow')
    },
    flushAtExit() {
      writer.begin()
      queue.flush(maxWait())
    },
    async end() {
      writer.begin()
      queue.flush(maxWait())
      cancelPoll()
      await writer.end()
    },
  }
}
