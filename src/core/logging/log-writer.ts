/**
 * The thread that writes the logs. The bot's own thread may block for minutes: what it logged before that is on the
 * disk all the same.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { messageOf } from '#core/errors.js'
import { LogFile } from './log-file.js'
import { LINE, type Line, ringConsumer } from './ring.js'

export interface WriterData {
  readonly ring: SharedArrayBuffer
  readonly folder: string
  readonly days: number
  readonly rotateBytes: number
  readonly files: { readonly bot: string; readonly errors?: string; readonly health?: string }
}

/** What the thread tells the bot: a fault of the disk, or that it is over and how many lines were lost. */
export type WriterNote = { readonly fault: string | undefined }

const BATCH_BYTES = 256 * 1024
const TIDY_MS = 60 * 60 * 1000

const { ring, folder, days, rotateBytes, files } = workerData as WriterData
const port = parentPort
if (!port) throw new Error('the log writer runs in a worker thread')

const open = (name: string) => new LogFile({ folder, name, days, rotateBytes })
const targets = [
  { flag: LINE.bot, file: open(files.bot) },
  ...(files.errors ? [{ flag: LINE.errors, file: open(files.errors) }] : []),
  ...(files.health ? [{ flag: LINE.health, file: open(files.health) }] : []),
]
const queue = ringConsumer(ring)
let fault: string | undefined
let lost = 0

async function write(lines: readonly Line[]): Promise<void> {
  const results = await Promise.allSettled(
    targets.map(({ flag, file }) => {
      const mine = lines.filter((line) => line.flags & flag).map((line) => line.bytes)
      return mine.length > 0 ? file.write(Buffer.concat(mine)) : undefined
    }),
  )
  const failed = results.find((result): result is PromiseRejectedResult => result.status === 'rejected')
  if (failed) lost += lines.length
  report(failed && messageOf(failed.reason))
}

function report(now: string | undefined): void {
  if (now === fault) return
  fault = now
  port?.postMessage({ fault } satisfies WriterNote)
  if (now === undefined && lost > 0) {
    const note = { level: 'warn', time: new Date().toISOString(), msg: `up to ${lost} log lines could not be written` }
    lost = 0
    targets[0]?.file.write(Buffer.from(`${JSON.stringify(note)}\n`)).catch(() => {})
  }
}

let draining = false
async function drain(): Promise<void> {
  if (draining) return
  draining = true
  do {
    for (let batch = queue.take(BATCH_BYTES); batch.lines.length > 0; batch = queue.take(BATCH_BYTES)) {
      await write(batch.lines)
      queue.done(batch)
    }
  } while (!queue.fallAsleep())
  draining = false
}

setInterval(() => {
  for (const { file } of targets) file.tidy().catch(() => {})
}, TIDY_MS)

port.on('message', async (message: 'wake' | 'end') => {
  await drain()
  if (message !== 'end') return
  await Promise.all(targets.map(({ file }) => file.close()))
  process.exit()
})
drain()
