import { dirname, join } from 'node:path'
import { messageOf } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { realPath, sizeOf } from '#core/platform/fs/files.js'
import { temporaryName } from '#core/platform/fs/temporary.js'
import {
  copyAtomically,
  makeFolder,
  movePath,
  OWNER_FOLDER,
  removeFile,
  removeFolder,
} from '#core/platform/fs/write-files.js'
import { findSqlite, isDamage, type Sqlite } from '#core/platform/sqlite/sqlite.js'
import { isWal } from '#core/platform/sqlite/sqlite-file.js'
import type { Contents } from './contents.js'
import { cancelled } from './restic/restic-errors.js'
import type { LeftOut } from './restic/restic-output.js'

/** A database of which a copy was made. */
export interface StagedDatabase {
  readonly path: string
  readonly bytes: number
  /** False for a journal mode in which a write of the bot waits while it is copied. */
  readonly is_wal: boolean
  /** The fault that SQLite's integrity check finds; missing where it finds none. */
  readonly fault?: string
}

export interface Staged {
  readonly databases: readonly StagedDatabase[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Copies the databases of a home into its staging folder, under the paths that they have in the home, and checks each
 * copy. One that is damaged is kept, and told: it may be all that there is.
 */
export async function stage(
  { clock, paths: { home, staging } }: Pick<Home, 'clock' | 'paths'>,
  contents: Contents,
  { say, signal = new AbortController().signal }: { say: (text: string) => void; signal?: AbortSignal },
): Promise<Staged> {
  removeFolder(staging)
  makeFolder(staging, OWNER_FOLDER)
  const leftOut: LeftOut[] = []
  for (const path of contents.linked) {
    const target = join(staging, path)
    makeFolder(dirname(target), OWNER_FOLDER)
    copyAtomically(realPath(join(home, path)) as string, target)
  }
  const databases: StagedDatabase[] = []
  const sqlite = contents.databases.length === 0 ? undefined : await findSqlite(clock, { folders: [home] })
  for (const path of contents.databases) {
    if (sqlite === undefined) {
      leftOut.push({
        path,
        why: 'nothing here can copy an SQLite database: install python3 or sqlite3, or run node 22.16 or newer',
      })
      continue
    }
    say(`Copying ${path}`)
    const live = join(home, path)
    const [source, target] = [realPath(live) ?? live, join(staging, path)]
    makeFolder(dirname(target), OWNER_FOLDER)
    try {
      const fault = await copyDatabase(sqlite, source, target, signal)
      databases.push({ path, bytes: sizeOf(target), is_wal: isWal(source), ...(fault !== undefined && { fault }) })
      if (fault !== undefined) leftOut.push({ path, why: `the database is damaged, and was copied as it is: ${fault}` })
    } catch (error) {
      if (signal.aborted) throw cancelled('backup')
      leftOut.push({ path, why: `the database can't be copied: ${messageOf(error)}` })
    }
  }
  return { databases, leftOut }
}

/** Copies a database, one that is damaged as it is, and returns the fault that SQLite finds; undefined where it finds none. */
async function copyDatabase(
  sqlite: Sqlite,
  source: string,
  target: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const temporary = temporaryName(target)
  try {
    await sqlite.copy(source, temporary, signal)
    const fault = await sqlite.check(temporary, signal)
    movePath(temporary, target)
    return fault
  } catch (error) {
    removeFile(temporary)
    const fault = messageOf(error)
    if (signal.aborted || !isDamage(fault)) throw error
    copyAtomically(source, target)
    return fault
  }
}
