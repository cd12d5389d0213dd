import fs from 'node:fs'
import { openFile } from '#core/platform/fs/open-file.js'

/** The first bytes of every SQLite database (https://sqlite.org/fileformat.html, "The Database Header"). */
const HEADER = Buffer.from('SQLite format 3\0', 'latin1')
/** The size of the smallest page: a database is a whole number of pages. */
const PAGE_BYTES = 512

/** Returns whether a file is an SQLite database. An empty one, which has no header, is none: there is nothing to copy. */
export function isSqlite(path: string): boolean {
  const found = fs.lstatSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true || found.size === 0 || found.size % PAGE_BYTES !== 0) return false
  const file = openFile(path)
  try {
    const head = Buffer.alloc(HEADER.length)
    return fs.readSync(file, head, 0, head.length, 0) === head.length && head.equals(HEADER)
  } finally {
    fs.closeSync(file)
  }
}

/** Returns the names of the files that SQLite keeps beside a database while it is open. */
export function companionsOf(name: string): string[] {
  return ['-wal', '-shm', '-journal'].map((ending) => name + ending)
}
