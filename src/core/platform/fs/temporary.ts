import fs from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'

/** The ending of our temporary names. */
const END = /\.[0-9a-f]{12}\.tmp$/
/** A time longer than any write of ours: an older file was left by a process that was killed while writing. */
const LEFT_MS = 10 * 60_000

/** Returns a new name beside a file or folder, for what will replace it. */
export function temporaryName(path: string): string {
  // a bot's start must not wait for node:crypto; what is written there is created exclusively, so nobody gains by a guess
  const random = Math.floor(Math.random() * 2 ** 48)
  return `${path}.${random.toString(16).padStart(12, '0')}.tmp`
}

/** The folders that this process has swept: once is enough, since another process follows one that is killed. */
const swept = new Set<string>()

/**
 * Removes what killed processes have left beside `path`: old temporary files for that very name, and in our own folders
 * all of them. `fresh` is a file there that was written just now, since the file system's clock counts. A failure does
 * not affect the write.
 */
export function sweepBeside(path: string, fresh: string): void {
  const folder = dirname(path)
  const isAll = isOurs(folder)
  const key = isAll ? folder : path
  if (swept.has(key)) return
  swept.add(key)
  try {
    const before = fs.statSync(fresh).mtimeMs - LEFT_MS
    for (const name of fs.readdirSync(folder)) {
      if (!(isAll ? END.test(name) : name.replace(END, '') === basename(path) && END.test(name))) continue
      const left = join(folder, name)
      if (fs.lstatSync(left).mtimeMs < before) fs.rmSync(left, { recursive: true, force: true })
    }
  } catch {
    // the next process tries it again
  }
}

/** Returns whether a folder is below `.catalyst/`, but not within a release, whose content is the bot's. */
function isOurs(folder: string): boolean {
  const parts = folder.split(sep)
  const below = parts.slice(parts.lastIndexOf('.catalyst') + 1)
  return parts.includes('.catalyst') && !(below[0] === 'releases' && below.length > 1)
}
