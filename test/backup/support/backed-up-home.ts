import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import { type BackedUp, runBackup } from '#core/backup/run-backup.js'
import { Home } from '#core/home/home.js'
import { homePaths } from '#core/home/home-paths.js'
import { type Clock, realClock } from '#core/platform/clock.js'
import { tempFolder } from '../../support/temp.js'

export const QUIET = { say() {} }

/** Returns a home with settings, a picture and a database with a row, and a repository beside it. */
export function homeToBackUp(
  settings: Readonly<Record<string, string>> = {},
  { folder = tempFolder(), clock = realClock }: { folder?: string; clock?: Clock } = {},
): Home {
  const home = join(folder, 'home')
  fs.mkdirSync(join(home, 'data', 'logs'), { recursive: true })
  fs.writeFileSync(join(home, 'data', 'picture'), 'a picture')
  fs.writeFileSync(join(home, 'data', 'logs', 'bot.log'), 'a line')
  sql(join(home, 'data', 'bot.db'), 'PRAGMA journal_mode=wal; CREATE TABLE rows(text); INSERT INTO rows VALUES (1)')
  const all = {
    BOT_NAME: 'try',
    BACKUP_REPOSITORY: join(folder, 'repository'),
    BACKUP_PASSWORD: 'a-secret',
    ...settings,
  }
  fs.writeFileSync(
    join(home, '.env'),
    Object.entries(all)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
    { mode: 0o600 },
  )
  return openHome(home, clock)
}

export function openHome(folder: string, clock: Clock = realClock): Home {
  return Home.open(clock, homePaths(folder), {})
}

export function backUp(home: Home, options: { creates?: boolean } = { creates: true }): Promise<BackedUp> {
  return runBackup(home, QUIET, options)
}

/** Runs SQL on a database, and returns what it tells. */
export function sql(path: string, statements: string): string {
  return execFileSync('sqlite3', [path, statements], { encoding: 'utf8' }).trim()
}

export function read(home: Home, path: string): string {
  return fs.readFileSync(join(home.paths.home, path), 'utf8')
}

export function write(home: Home, path: string, text: string | Buffer): void {
  fs.mkdirSync(join(home.paths.home, path, '..'), { recursive: true })
  fs.writeFileSync(join(home.paths.home, path), text)
}

/** Runs restic on the repository of a home, by hand. */
export function restic(home: Home, ...args: string[]): string {
  return resticIn(home.paths.home, home, ...args)
}

/** Runs restic by hand in a folder. */
export function resticIn(cwd: string, home: Home, ...args: string[]): string {
  const { BACKUP_REPOSITORY: repository = '', BACKUP_PASSWORD: password = '' } = home.settings
  const env = {
    ...process.env,
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD: password,
    RESTIC_CACHE_DIR: home.paths.resticCache,
  }
  return execFileSync('restic', args, { encoding: 'utf8', env, cwd })
}

/** Writes 200 rows a second to a database, as a bot does; resolves to what it has counted once it is stopped. */
export function writer(
  path: string,
  mode: string,
): { stop(): Promise<{ rows: number; worst_ms: number }>; ready: Promise<void> } {
  const child = spawn('python3', ['-c', WRITER, path, mode], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  const ready = new Promise<void>((resolve) =>
    child.stdout.on('data', (chunk) => {
      said += chunk
      if (said.includes('ready')) resolve()
    }),
  )
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    ready,
    async stop() {
      child.stdin.end()
      await ended
      return JSON.parse(said.split('\n')[1] ?? '{}')
    },
  }
}

const WRITER = `
import json, select, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)
db.execute('PRAGMA journal_mode=' + sys.argv[2])
db.execute('PRAGMA synchronous=NORMAL')
print('ready', flush=True)
rows, worst, due = 0, 0, time.monotonic()
while not select.select([sys.stdin], [], [], 0)[0]:
    began = time.monotonic()
    db.execute('INSERT INTO rows VALUES (?)', ('row %d' % rows,))
    rows, worst = rows + 1, max(worst, time.monotonic() - began)
    due += 0.005
    time.sleep(max(0, due - time.monotonic()))
print(json.dumps({'rows': rows, 'worst_ms': round(worst * 1000)}))
`
