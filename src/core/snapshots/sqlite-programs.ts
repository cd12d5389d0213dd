/**
 * The programs that work on SQLite files, as text for an interpreter's `-c` or `-e`. Each takes what to do and its
 * paths, writes one line of JSON, and says on standard error why it failed.
 *
 * - `copy SOURCE TARGET` copies a database that may be in use (its online backup), checks the copy, and counts its rows
 * - `rows SOURCE` counts the rows
 *
 * The copy is one read transaction: in WAL mode nobody who writes has to wait, and what is written meanwhile does not
 * make it begin anew.
 */
export const PYTHON_PROGRAM = `
import json, sqlite3, sys
from urllib.parse import quote
def opened(path):
    plain = path.replace('\\\\', '/')
    return sqlite3.connect('file:' + ('' if plain.startswith('/') else '///') + quote(plain) + '?mode=rw', uri=True, timeout=30, isolation_level=None)
def rows(base):
    found = {}
    for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
        try: found[name] = base.execute('SELECT count(*) FROM "' + name.replace('"', '""') + '"').fetchone()[0]
        except sqlite3.OperationalError: pass
    return found
try:
    source = opened(sys.argv[2])
    if sys.argv[1] == 'rows': print(json.dumps(rows(source)))
    else:
        source.execute('BEGIN')
        source.execute('SELECT count(*) FROM sqlite_master').fetchone()
        target = sqlite3.connect(sys.argv[3], isolation_level=None)
        source.backup(target, pages=256, sleep=0.01)
        source.execute('COMMIT')
        found = [line for (line,) in target.execute('PRAGMA integrity_check(5)').fetchall()]
        if found != ['ok']: sys.exit('the copy is damaged: ' + '; '.join(found))
        print(json.dumps(rows(target)))
        target.close()
except sqlite3.Error as error: sys.exit(str(error))
`

export const NODE_PROGRAM = `
const { DatabaseSync, backup } = require('node:sqlite')
const [what, from, to] = process.argv.slice(1)
const say = (stream, text) => require('node:fs').writeSync(stream, text + '\\n')
const rows = (base) => {
  const found = {}
  for (const { name } of base.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").all())
    try { found[name] = Number(base.prepare('SELECT count(*) AS n FROM "' + name.replaceAll('"', '""') + '"').get().n) } catch {}
  return found
}
const fail = (error) => { say(2, String(error.message ?? error)); process.exitCode = 1 }
const run = async () => {
  const source = new DatabaseSync(from)
  source.exec('PRAGMA busy_timeout = 30000')
  if (what === 'rows') return say(1, JSON.stringify(rows(source)))
  source.exec('BEGIN')
  source.prepare('SELECT count(*) FROM sqlite_master').get()
  await backup(source, to, { rate: 256 })
  source.exec('COMMIT')
  const target = new DatabaseSync(to)
  const found = target.prepare('PRAGMA integrity_check(5)').all().map((line) => line.integrity_check)
  if (found.join() !== 'ok') return fail('the copy is damaged: ' + found.join('; '))
  say(1, JSON.stringify(rows(target)))
  target.close()
}
run().catch(fail)
`
