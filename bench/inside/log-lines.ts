// Runs in a node of its own: logs lines as quickly as it can, ours and pino's own in turn, and prints the rates as JSON.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Logger, LoggerOptions } from 'pino'
import { redactor } from '#core/logging/redact.js'
import { openLogging } from '#core/logging/write/logging.js'
import { realClock } from '#core/platform/clock.js'
import { measureRounds, median } from '../kernel/figures.js'

const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino')

export interface LoggingFigures {
  readonly ours: number[]
  readonly sync: number[]
  readonly transport: number[]
  readonly rotation: {
    readonly lost: number
    readonly lines: number
    /** Lines a second. */
    readonly reached: number
    readonly rotations: number
  }
}

const LINES = 150_000
/** The time for which lines come at half of pino's rate while the log is rotated, in ms. */
const ROTATION_MS = 3000
/** The size that makes the log rotate meanwhile: a tenth of the usual, so that it does on any machine. */
const ROTATION_BYTES = 1024 * 1024
/** As many secrets as a bot with several services has, each in one form. */
const SECRETS = Array.from({ length: 12 }, (_, index) => `s3cret-${(index + 1) * 7919 ** 3}`)

const [folder = '', rounds = '9'] = process.argv.slice(2)

function logLine(log: Logger, n: number): void {
  const fields = { n, feed: 'https://example.org/feed.xml', ms: 123.4 }
  log.info(fields, 'looked at the feed: nothing new since the last time')
}

/** The last line is an error: it counts when it is written, and with it all that came before. */
function linesPerSecond(log: Logger): number {
  const began = performance.now()
  for (let n = 0; n < LINES; n++) logLine(log, n)
  log.error('the end')
  return (LINES / (performance.now() - began)) * 1000
}

function openOurs(rotateBytes?: number) {
  const { log, close } = openLogging(realClock, {
    folder,
    level: 'info',
    retention: { days: 7, maxBytes: 1e9 },
    ...(rotateBytes !== undefined && { rotateBytes }),
    redact: redactor(SECRETS),
    console() {},
    files: { bot: 'bot.jsonl', errors: 'errors.log', health: 'health.log' },
    onFault(fault) {
      if (fault !== undefined) throw new Error(fault)
    },
  })
  log.error('the thread that writes is up')
  return { log, close }
}

async function ours(): Promise<number> {
  const { log, close } = openOurs()
  const rate = linesPerSecond(log)
  await close()
  return rate
}

const SETTINGS: LoggerOptions = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
}

/** The very same lines from pino to its own synchronous destination: no rotation, no second file, no redaction. */
async function sync(): Promise<number> {
  mkdirSync(folder)
  const destination = pino.destination({ dest: join(folder, 'bot.jsonl'), sync: true })
  const rate = linesPerSecond(pino({ ...SETTINGS, formatters: { level: (level) => ({ level }) } }, destination))
  destination.end()
  return rate
}

/** The same through pino's transport, whose thread writes: until the last line is in the file. */
async function transport(): Promise<number> {
  mkdirSync(folder)
  const file = join(folder, 'bot.jsonl')
  const alive = setInterval(() => {}, 1000) // the transport's thread keeps nothing alive
  const stream = pino.transport({ target: 'pino/file', options: { destination: file } })
  await new Promise((resolve) => stream.once('ready', resolve))
  const log = pino(SETTINGS, stream)
  const began = performance.now()
  for (let n = 0; n < LINES; n++) logLine(log, n)
  const written = new Promise((resolve) => stream.once('close', resolve))
  stream.end()
  await written
  clearInterval(alive)
  const rate = (LINES / (performance.now() - began)) * 1000
  if (statSync(file).size < LINES * 100) throw new Error("pino's transport has not written all lines")
  return rate
}

/** Logs at a rate for a while, and counts the lines that aren't in the files whole, once, and in order. */
async function lostInRotation(rate: number): Promise<LoggingFigures['rotation']> {
  const { log, close } = openOurs(ROTATION_BYTES)
  const began = performance.now()
  let n = 0
  for (let ms = 0; ms < ROTATION_MS; ms = performance.now() - began) {
    while (n < (rate * ms) / 1000) logLine(log, n++)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const reached = (n / (performance.now() - began)) * 1000
  await close()
  let found = 0
  const files = readdirSync(folder).filter((file) => file.startsWith('bot.jsonl.'))
  for (const file of [...files.sort(), 'bot.jsonl']) {
    const bytes = readFileSync(join(folder, file))
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()
    for (const line of text.split('\n')) if (line !== '' && JSON.parse(line).n === found) found++
  }
  return { lost: n - found, lines: n, reached, rotations: files.length }
}

async function inNewFolder<T>(run: () => Promise<T>): Promise<T> {
  const result = await run()
  rmSync(folder, { recursive: true, force: true })
  return result
}

async function main(): Promise<void> {
  const figures = await measureRounds(Number(rounds), {
    ours: () => inNewFolder(ours),
    sync: () => inNewFolder(sync),
    transport: () => inNewFolder(transport),
  })
  const rotation = await inNewFolder(() => lostInRotation(median(figures.sync) / 2))
  process.stdout.write(JSON.stringify({ ...figures, rotation } satisfies LoggingFigures))
}

void main()
