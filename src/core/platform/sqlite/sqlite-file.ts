import fs from 'node:fs'
import { openFile } from '#core/platform/fs/open-file.js'

/** The first bytes of every SQLite database (https://sqlite.org/fileformat.html, "The Database Header"). */
const HEADER = Buffer.from('SQLite format 3\0', 'latin1')

/** Returns whether a file is an SQLite database, whole or not. An empty one, which has no header, is none: there is nothing to copy. */
export function isSqlite(path: string): boolean {
  const found = fs.lstatSync(path, { throwIfNoEntry: false })
  if (found?.isFile() !== true) return false
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
