/**
 * The thread that writes the logs. The bot's own thread may block for minutes: what it logged before that reaches the
 * disk all the same.
 */

import { parentPort, workerData } from 'node:worker_threads'
import { realClock } from '#core/platform/clock.js'
import { tell } from '#core/platform/process/stderr.js'
import { type Blocked, type LoopWatch, watchLoop } from './blocked-loop.js'
import type { FileNames } from './file-names.js'
import { LogFiles } from './log-files.js'
import type { Retention } from './retention.js'
import { LINE, type Line, ringConsumer } from './ring.js'
import { RETRY_MS, TIDY_MS } from './tidy-rotated.js'

export interface WriterData {
  readonly ring: SharedArrayBuffer
  readonly folder: string
  readonly retention: Retention
  readonly rotateBytes: number
  /** The bot's event loop, to be watched. */
  readonly loop?: LoopWatch | undefined
  readonly files: FileNames
}

/** A note from the thread to the bot: why lines are lost, or that they aren't. The first one says that it runs. */
export type WriterNote = { readonly fault: string | undefined }

const BATCH_BYTES = 256 * 1024

const { ring, loop, files: names, ...fileOptions } = workerData as WriterData
const port = parentPort
if (!port) throw new Error('the log writer runs in a worker thread')

const onUntidy = (why: string) => tell(`a rotated log could not be tidied: ${why}`)
const files = new LogFiles(names, { ...fileOptions, clock: realClock, onUntidy })
const queue = ringConsumer(ring)
let told: WriterNote | undefined

async function write(lines: readonly Line[]): Promise<void> {
  const fault = await files.write(lines, queue.dropped())
  if (told && told.fault === fault) return
  told = { fault }
  port?.postMessage(told)
}

/** The lines of this very thread. */
let own: Line[] = []

async function writeAll(): Promise<void> {
  do {
    for (;;) {
      const batch = queue.take(BATCH_BYTES)
      const lines = [...batch.lines, ...own.splice(0)]
      await write(lines)
      if (lines.length === 0) break
      queue.done(batch)
    }
  } while (!queue.fallAsleep())
}

let writing: Promise<void> | undefined
function drain(): Promise<void> {
  writing ??= writeAll().finally(() => {
    writing = undefined
  })
  return writing
}

function say(level: 'info' | 'error', what: Readonly<Record<string, unknown>>): void {
  const line = { level, time: new Date().toISOString(), ...what }
  const flags = LINE.bot | (level === 'error' ? LINE.errors : 0)
  own = [...own, { flags, bytes: Buffer.from(`${JSON.stringify(line)}\n`) }]
  void drain()
}

function sayBlocked({ frames, waits }: Blocked): void {
  const at = frames?.[0] ?? `in native code${waits ? ` (${waits})` : ''}`
  say('error', { blocked: frames ?? [at], msg: `the event loop is blocked: ${at}` })
}

if (loop)
  watchLoop(loop, { blocked: sayBlocked, free: () => say('info', { blocked: [], msg: 'the event loop runs again' }) })
setInterval(() => {
  if (told?.fault !== undefined) drain() // notices that the disk takes lines again even without new ones
}, RETRY_MS / 4)
setInterval(() => {
  files.tidy()
}, TIDY_MS)

port.on('message', async (message: 'wake' | 'end') => {
  await drain()
  if (message !== 'end') return
  await files.close()
  process.exit()
})
drain()
