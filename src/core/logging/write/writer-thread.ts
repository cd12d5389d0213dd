import { once } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { messageOf } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import { packageFile } from '#core/platform/package.js'
import type { WriterData, WriterNote } from './log-writer.js'

const RESTART_MS = 1000
/** The time for which the end waits for a slow disk, and for a rotated file that is being compressed. */
const END_MS = 5000

/**
 * Runs the thread that writes, and restarts it when it crashes: the queue is not lost with it. If it `begins` later, it is
 * to be told when.
 */
export function startWriter(
  clock: Clock,
  data: WriterData,
  { begins, onNote }: { begins: 'now' | 'later'; onNote: (note: WriterNote) => void },
) {
  let worker: Worker | undefined
  let hasBegun = false
  let ended = false
  let cancelRestart = () => {}
  const start = () => {
    hasBegun = true
    const { Worker: Thread } = process.getBuiltinModule('node:worker_threads') // loaded only by whoever has a thread
    worker = new Thread(packageFile('dist', 'log-writer.cjs'), { workerData: data, execArgv: [] })
    worker.on('message', onNote)
    worker.unref() // after that, because listening to messages keeps the process alive
    worker.on('error', (error) => onNote({ fault: `the log writer ended: ${messageOf(error)}` }))
    worker.on('exit', () => {
      worker = undefined
      if (!ended) cancelRestart = clock.after(RESTART_MS, start)
    })
  }
  if (begins === 'now') start()
  return {
    /** Starts the thread, if nothing has yet. */
    begin() {
      if (!hasBegun) start()
    },
    /** Wakes the thread, even if this one blocks right after. */
    wake: () => worker?.postMessage('wake'),
    /** Lets the thread write what it has, and exit. */
    async end(): Promise<void> {
      ended = true
      cancelRestart()
      const last = worker
      if (!last) return
      last.ref()
      last.postMessage('end')
      await within(clock, END_MS, once(last, 'exit')).catch(() => {})
      last.unref()
    },
  }
}
