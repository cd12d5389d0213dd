import { createReadStream, createWriteStream, statSync } from 'node:fs'
import fs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { exists, removeFile } from './files.js'

/**
 * Replaces a file by `<file>.gz`. Until that is whole and on the disk it has a dot-name, so that nobody takes a part for
 * the file; at every moment, a power cut included, the one or the other is there. A file that is gone is fine, and so is
 * an empty one, which stays: it may hold a name for a moment until a full one is moved there, which is not to be removed.
 */
export async function compressFile(path: string, mode: number): Promise<void> {
  if (!statSync(path, { throwIfNoEntry: false })?.size) return
  const temporary = join(dirname(path), `.${basename(path)}.gz`)
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary, { mode, flush: true }))
    await fs.rename(temporary, `${path}.gz`)
    await fs.rm(path)
  } catch (error) {
    removeFile(temporary)
    if (exists(path)) throw error
  }
}
