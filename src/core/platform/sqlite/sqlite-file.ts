import fs from 'node:fs'
import { exists, readBeginning } from '#core/platform/fs/files.js'
import { openFile } from '#core/platform/fs/open-file.js'

/** The first bytes of every SQLite database (https://sqlite.org/fileformat.html, "The Database Header"). */
const HEADER = Buffer.from('SQLite format 3\0', 'latin1')
/** The endings of what SQLite keeps beside a database in WAL mode (https://sqlite.org/wal.html); no one else uses them. */
const BESIDE_OPEN = ['-wal', '-shm']
/** The offset of the format version for writers in the header. */
const WRITER_AT = 18

/**
 * Returns whether a file is an SQLite database, whole or not: by its header, or, where that is damaged, by what SQLite keeps
 * beside it. An empty one is none: there is nothing to copy.
 */
export function isSqlite(path: string): boolean {
  const found = fs.lstatSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true) return false
  const file = openFile(path)
  try {
    const head = Buffer.alloc(HEADER.length)
    const read = fs.readSync(file, head, 0, head.length, 0)
    return head.equals(HEADER) || (read > 0 && BESIDE_OPEN.some((ending) => exists(path + ending)))
  } finally {
    fs.closeSync(file)
  }
}

/** Returns whether a database is in WAL mode, by the version for writers in its header: 2 is WAL, 1 any other mode. */
export function isWal(path: string): boolean {
  return readBeginning(path, WRITER_AT + 1)?.charCodeAt(WRITER_AT) === 2
}

/** Returns the names of the files that SQLite keeps beside a database while it is open. */
export function companionsOf(name: string): string[] {
  return [...BESIDE_OPEN, '-journal'].map((ending) => name + ending)
}
