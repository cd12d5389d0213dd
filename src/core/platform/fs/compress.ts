import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { exists } from './files.js'
import { removeFile } from './write-files.js'

/**
 * Replaces a file by `<file>.gz`. Until that is complete and flushed it has a dot-name, so that nobody takes a part for
 * the file; at every moment, even in a power cut, one of the two is there. A missing file is fine. An empty one stays:
 * it may hold a name for a moment until a full one is moved there, and must not be removed then. zlib
 * is loaded here: a bot's start must not wait for it.
 */
export async function compressFile(path: string, mode: number): Promise<void> {
  if (!fs.statSync(path, { throwIfNoEntry: false })?.size) return
  const { createGzip } = process.getBuiltinModule('node:zlib')
  const temporary = join(dirname(path), `.${basename(path)}.gz`)
  try {
    await pipeline(fs.createReadStream(path), createGzip(), fs.createWriteStream(temporary, { mode, flush: true }))
    await fs.promises.rename(temporary, `${path}.gz`)
    await fs.promises.rm(path)
  } catch (error) {
    removeFile(temporary)
    if (exists(path)) throw error
  }
}
