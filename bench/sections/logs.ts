import { appendFileSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { measureRounds } from '../kernel/figures.js'
import { writeHome } from '../kernel/home.js'
import { paired, type Row } from '../kernel/row.js'
import type { Bench, Section } from '../kernel/section.js'

const ROUNDS = 9
const MB = 1024 * 1024
const SIZES_MB = [10, 100, 1000]
/** All of more than that would take minutes, round for round. */
const MOST_SCANNED_MB = 100
/** Of one line in them. */
const NEEDLE = 'line 17 '
const FILE_BYTES = 10 * MB
/** A line is some 200 bytes, so 10 MB are about an hour. */
const LINES_PER_SECOND = 15
const RECENT_MS = 10 * 60_000

/**
 * The last ten minutes of logs of several sizes: in our files, rotated and compressed as the program leaves them, and in one
 * plain file of the same lines, by grep for the hours and minutes.
 */
export const logs: Section = {
  name: 'logs',
  about: '`logs --since 10m` of 10 MB, 100 MB and 1 GB against grep in one plain file',
  async run(bench) {
    const rows: Row[] = []
    for (const size of SIZES_MB) rows.push(...(await ofSize(bench, size)))
    return rows
  },
}

async function ofSize(bench: Bench, size: number): Promise<Row[]> {
  const { scratch, catalyst, rounds, say } = bench
  const home = writeHome(scratch.folder(), {})
  const { bavail, bsize } = statfsSync(home)
  if (bavail * bsize < 3 * size * MB) {
    bench.missing(`logs of ${size} MB: too little space in ${home}`)
    return []
  }
  say(`logs: writing ${size} MB …`)
  const plain = join(home, 'plain.jsonl')
  const { end } = writeLogs(home, plain, size * MB)
  const since = new Date(end - RECENT_MS).toISOString()
  const minutes = Array.from({ length: 11 }, (_, ago) => new Date(end - ago * 60_000).toISOString().slice(0, 16))
  const grep = (...words: readonly string[]) => scratch.wallMs(['grep', '-F', ...words, plain], { isRead: true })
  const ours = (...words: readonly string[]) =>
    scratch.wallMs([...catalyst, 'logs', '--json', ...words, '--home', home], { isRead: true })
  const isScanned = size <= MOST_SCANNED_MB
  const figures = await measureRounds(rounds(ROUNDS), {
    ours: () => ours('--since', since),
    theirs: () => grep(...minutes.flatMap((minute) => ['-e', `"time":"${minute}`])),
    all: isScanned ? () => ours('--since', '2000-01-01', '--grep', NEEDLE) : undefined,
    grepAll: isScanned ? () => grep('-e', NEEDLE) : undefined,
  })
  const label = size < 1000 ? `${size} MB` : `${size / 1000} GB`
  return [
    paired(`logs --since 10m, ${label}`, 'ms', figures.ours, ['grep for the minutes', figures.theirs]),
    ...(isScanned ? [paired(`logs --grep in all, ${label}`, 'ms', figures.all, ['grep', figures.grepAll])] : []),
  ]
}

/** Writes lines that end now, both ways. Returns the time of the last one. */
function writeLogs(home: string, plain: string, bytes: number): { end: number } {
  const folder = join(home, 'data', 'logs')
  mkdirSync(folder, { recursive: true })
  writeFileSync(plain, '')
  const files = Math.ceil(bytes / FILE_BYTES)
  const perFile = Math.floor(FILE_BYTES / Buffer.byteLength(lineAt(0, 1e6)))
  const stepMs = 1000 / LINES_PER_SECOND
  const end = Date.now()
  const began = end - files * perFile * stepMs
  for (let file = 0; file < files; file++) {
    const first = file * perFile
    const texts = Array.from({ length: perFile }, (_, index) => lineAt(began + (first + index) * stepMs, first + index))
    const text = texts.join('')
    appendFileSync(plain, text)
    if (file === files - 1) writeFileSync(join(folder, 'bot.jsonl'), text)
    else {
      const rotated = new Date(began + (first + perFile) * stepMs).toISOString().replace(/[:.]/g, '-')
      writeFileSync(join(folder, `bot.jsonl.${rotated}-000.gz`), gzipSync(text, { level: 1 }))
    }
  }
  return { end }
}

function lineAt(ms: number, n: number): string {
  const time = new Date(ms).toISOString()
  const noise = ((n * 2654435761) % 2 ** 32).toString(36)
  return `${JSON.stringify({ level: 'info', time, n, feed: `https://example.org/${noise}.xml`, ms: (n * 7919) % 997, msg: `line ${n} looked at the feed ${noise}: nothing new since the last time, and nothing that is too old` })}\n`
}
