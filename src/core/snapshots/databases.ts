import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import type { Clock } from '#core/platform/clock.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { findSqlite, isDamage, type Rows, type Sqlite, type SqlitePlace } from '#core/platform/sqlite/sqlite.js'

/**
 * Finds a program that copies databases.
 * @throws CatalystError SNAPSHOT_FAILED where there is none
 */
export async function demandSqlite(clock: Clock, place: SqlitePlace): Promise<Sqlite> {
  const found = await findSqlite(clock, place)
  if (found !== undefined) return found
  throw new CatalystError(
    'Nothing here can copy a SQLite database: neither node 24, nor python3, nor sqlite3 is found.',
    {
      code: 'SNAPSHOT_FAILED',
      exit: EXIT.failed,
      suggestions: [
        process.platform === 'win32'
          ? 'Install Python, for all users: winget install Python.Python.3.13 --scope machine'
          : 'Install one, on Debian: apt-get install sqlite3',
        'Or run Catalyst with node 24 or later',
      ],
    },
  )
}

/**
 * Copies a database that may be in use, checks the copy, and returns its rows. Of a database that is damaged nothing is copied:
 * its fault is returned.
 * @throws CatalystError SNAPSHOT_FAILED
 */
export async function copyDatabase(
  sqlite: Sqlite,
  source: string,
  target: string,
  signal: AbortSignal,
): Promise<{ readonly rows: Rows } | { readonly fault: string }> {
  try {
    await sqlite.copy(source, target, signal)
    const fault = await sqlite.check(target, signal)
    if (fault === undefined) return { rows: await sqlite.rows(target, signal) }
    removeFile(target)
    return { fault }
  } catch (error) {
    const fault = messageOf(error)
    if (!signal.aborted && isDamage(fault)) return { fault }
    throw failed(source, fault)
  }
}

function failed(path: string, why: string): CatalystError {
  const isFull = /disk (image )?is full|database or disk is full|ENOSPC|no space left/i.test(why)
  return new CatalystError(`${path} could not be copied: ${why}.`, {
    code: 'SNAPSHOT_FAILED',
    exit: EXIT.failed,
    suggestions: isFull
      ? ['Make room on the disk: catalyst deploy prune']
      : ['See whether the database is sound: sqlite3 FILE "PRAGMA integrity_check"'],
  })
}
