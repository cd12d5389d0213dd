/** A bot in Python that writes to a SQLite database without a pause, and whose versions migrate it. */

/** How a version treats the database that it finds. `migrates and fails`: forward only, and then it breaks. */
export type Treatment = 'writes' | 'migrates' | 'migrates and fails'

const PROGRAM = `
import sqlite3, sys, time
TREATMENT = '@treatment@'
base = sqlite3.connect('data/bot.db', timeout=30, isolation_level=None)
base.execute('PRAGMA journal_mode=WAL')
tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
if TREATMENT == 'writes':
    if 'events' in tables: sys.exit('the database is that of a later version')
    base.execute('CREATE TABLE IF NOT EXISTS ticks (n INTEGER PRIMARY KEY, at REAL)')
    table = 'ticks'
else:
    if 'ticks' in tables:
        base.execute('ALTER TABLE ticks RENAME TO events')
        base.execute('ALTER TABLE events ADD COLUMN source TEXT')
    base.execute('CREATE TABLE IF NOT EXISTS events (n INTEGER PRIMARY KEY, at REAL, source TEXT)')
    table = 'events'
(n,) = base.execute(f'SELECT coalesce(max(n), 0) FROM {table}').fetchone()
written = open(f'data/{table}.written', 'a', buffering=1)
if TREATMENT == 'migrates and fails':
    base.execute('INSERT INTO events (n, at) VALUES (?, ?)', (n + 1, time.time()))
    raise RuntimeError('no such price')
while True:
    n += 1
    base.execute(f'INSERT INTO {table} (n, at) VALUES (?, ?)', (n, time.time()))
    written.write(f'{n}\\n')
    if n % 10 == 0: print('tick', flush=True)
    time.sleep(0.005)
`

/** The settings of a home that runs it. */
export const DATABASE_BOT = {
  BOT_COMMAND: 'python3 bot.py',
  BOT_LOG_PROOF: 'tick',
  BOT_CYCLE_SECONDS: '1',
  BOT_STOP_SIGNAL: 'SIGTERM',
  DEPLOY_SNAPSHOT: 'bot.db',
}

/** Returns the files of a version of it. */
export function databaseBot(treatment: Treatment): Record<string, string> {
  return { 'bot.py': PROGRAM.replace('@treatment@', treatment) }
}
