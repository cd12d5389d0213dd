import fs from 'node:fs'
import { join } from 'node:path'

/** The limits of {@link findFiles}. */
interface Limits {
  /** The number of entries after which the search ends. */
  readonly mostEntries: number
  /** The names of folders that are left out. */
  readonly leaveOut: readonly string[]
}

/** Returns the files below a folder whose names have this ending. Links are not followed; what can't be read is left out. */
export function findFiles(folder: string, ending: string, { mostEntries, leaveOut }: Limits): string[] {
  const found: string[] = []
  const folders = [folder]
  let seen = 0
  for (let next = folders.pop(); next !== undefined && seen < mostEntries; next = folders.pop()) {
    for (const entry of entriesOf(next)) {
      seen += 1
      const path = join(next, entry.name)
      if (entry.isDirectory() && !leaveOut.includes(entry.name)) folders.push(path)
      if (entry.isFile() && entry.name.endsWith(ending)) found.push(path)
    }
  }
  return found
}

function entriesOf(folder: string): fs.Dirent[] {
  try {
    return fs.readdirSync(folder, { withFileTypes: true })
  } catch {
    return []
  }
}

const CHUNK_BYTES = 1024 * 1024

/** Returns whether a file has one of these words of ASCII letters in it, as the names of a library's symbols are. */
export function hasWord(path: string, words: readonly string[]): boolean {
  const overlap = Math.max(...words.map((word) => word.length)) - 1
  const chunk = Buffer.alloc(CHUNK_BYTES)
  const file = fs.openSync(path, 'r')
  try {
    for (let at = 0; ; at += CHUNK_BYTES - overlap) {
      const bytes = chunk.subarray(0, fs.readSync(file, chunk, 0, CHUNK_BYTES, at))
      if (words.some((word) => bytes.includes(word, 0, 'latin1'))) return true
      if (bytes.length < CHUNK_BYTES) return false
    }
  } finally {
    fs.closeSync(file)
  }
}
