/**
 * The program in Python that copies a database, with the path of the database, that of the copy, the pages of a step and
 * the pause after each, in seconds. See {@link file://./sqlite-tool.ts} for how it copies.
 */
export const COPY_SCRIPT = `
import pathlib, sqlite3, sys
source, target, pages, pause = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
class Restarted(Exception): pass
live = sqlite3.connect(pathlib.Path(source).absolute().as_uri() + '?mode=rw', uri=True, timeout=10, isolation_level=None)
copy = sqlite3.connect(target, isolation_level=None)
copy.execute('PRAGMA synchronous=OFF')
if live.execute('PRAGMA journal_mode').fetchone()[0] == 'wal':
    live.execute('BEGIN')
    live.execute('SELECT count(*) FROM sqlite_master').fetchone()
left, restarts = None, 0
def progress(status, remaining, total):
    global left, restarts
    if left is not None and remaining > left:
        restarts += 1
        if restarts == 3: raise Restarted
    left = remaining
try:
    live.backup(copy, pages=pages, sleep=pause, progress=progress)
except Restarted:
    live.backup(copy)
live.close()
copy.close()
`

/** The program in Python that checks a database, with its path; it prints \`ok\`, or what is wrong. */
export const CHECK_SCRIPT = `
import sqlite3, sys
base = sqlite3.connect(sys.argv[1], isolation_level=None)
print('\\n'.join(row[0] for row in base.execute('PRAGMA integrity_check(5)')))
`
