import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { pino } from 'pino'
import { median } from './median.js'

const ROUNDS = 9
const LINES = 150_000
/** The time for which lines come at half of pino's rate while the log is rotated, in ms. */
const ROTATION_MS = 3000
/** As many secrets as a bot with several services has, each in one form. */
const SECRETS = Array.from({ length: 12 }, (_, index) => `s3cret-${(index + 1) * 7919 ** 3}`)

const root = fileURLToPath(new URL('..', import.meta.url))

const SOURCES = ['./src/core/logging/write/logging.ts', './src/core/logging/redact.ts', './src/core/platform/clock.ts']

/** Our logging as it is built, in a folder that looks like the package: the thread that writes is the package's own. */
async function builtLogging(folder) {
  mkdirSync(join(folder, 'dist'))
  for (const file of ['oclif.manifest.json', 'dist/log-writer.cjs']) copyFileSync(join(root, file), join(folder, file))
  const outfile = join(folder, 'dist', 'logging.cjs')
  await build({
    absWorkingDir: root,
    stdin: {
      resolveDir: root,
      contents: SOURCES.map((source) => `export * from '${source}'\n`).join(''),
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    define: { 'import.meta.dirname': '__dirname' },
  })
  return createRequire(import.meta.url)(outfile)
}

function logLine(log, n) {
  log.info(
    { n, feed: 'https://example.org/feed.xml', ms: 123.4 },
    'looked at the feed: nothing new since the last time',
  )
}

/** The last line is an error: it counts when it is written, and with it all that came before. */
function linesPerSecond(log, lines) {
  const began = performance.now()
  for (let n = 0; n < lines; n++) logLine(log, n)
  log.error('the end')
  return (lines / (performance.now() - began)) * 1000
}

function open({ openLogging, realClock, redactor }, folder) {
  return openLogging(realClock, {
    folder,
    level: 'info',
    retention: { days: 7, maxBytes: 1e9 },
    redact: redactor(SECRETS),
    console() {},
    files: { bot: 'bot.jsonl', errors: 'errors.log', health: 'health.log' },
    onFault(fault) {
      if (fault !== undefined) throw new Error(fault)
    },
  })
}

async function oursPerSecond(built, folder) {
  const { log, close } = open(built, folder)
  log.error('the thread that writes is up')
  const rate = linesPerSecond(log, LINES)
  await close()
  return rate
}

/** The very same lines from pino to its own synchronous destination: no rotation, no second file, no redaction. */
async function pinoPerSecond(folder) {
  mkdirSync(folder)
  const destination = pino.destination({ dest: join(folder, 'bot.jsonl'), sync: true })
  const settings = {
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
  }
  const rate = linesPerSecond(pino(settings, destination), LINES)
  destination.end()
  return rate
}

/** Logs at a rate for a while, and counts the lines that aren't in the files whole, once, and in order. */
async function lostInRotation(built, folder, rate) {
  const { log, close } = open(built, folder)
  log.error('the thread that writes is up')
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

/** Lines a second against pino's own synchronous destination, in turn; then what rotation loses at half of that. */
export async function loggingBench() {
  const folder = mkdtempSync(join(tmpdir(), 'catalyst-bench-logging-'))
  try {
    const built = await builtLogging(folder)
    const inNewFolder = async (run) => {
      const own = join(folder, 'logs')
      const result = await run(own)
      rmSync(own, { recursive: true, force: true })
      return result
    }
    const round = async () => [
      await inNewFolder((own) => oursPerSecond(built, own)),
      await inNewFolder((own) => pinoPerSecond(own)),
    ]
    await round()
    const rounds = []
    while (rounds.length < ROUNDS) rounds.push(await round())
    const [ours, pinos] = [median(rounds.map(([a]) => a)), median(rounds.map(([, b]) => b))]
    const rotation = await inNewFolder((own) => lostInRotation(built, own, pinos / 2))
    const thousands = (rate) => `${(rate / 1000).toFixed(0)}k lines/s`
    return [
      {
        name: 'log lines, redacted, into rotating files',
        value: thousands(ours),
        yardstick: `pino, synchronous: ${thousands(pinos)}`,
        ratio: median(rounds.map(([a, b]) => a / b)),
        limit: '>= 0.5',
      },
      {
        name: `log lines lost in ${rotation.rotations} rotations`,
        value: `${rotation.lost} of ${rotation.lines}`,
        yardstick: `half of pino's rate: ${thousands(pinos / 2)}, reached ${thousands(rotation.reached)}`,
        ratio: rotation.lost / rotation.lines,
        limit: '0',
      },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
