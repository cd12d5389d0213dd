import { createReadStream, createWriteStream } from 'node:fs'
import fs from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { exists, removeFile } from './files.js'

/**
 * Replaces a file by `<file>.gz`. Until that is whole it has a dot-name, so that nobody takes a part for the file; at
 * every moment the one or the other is there. A file that is gone is fine.
 */
export async function compressFile(path: string, mode: number): Promise<void> {
  if (!exists(path)) return
  const temporary = unfinishedName(path)
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(temporary, { mode }))
    await fs.rename(temporary, `${path}.gz`)
    await fs.rm(path)
  } catch (error) {
    removeFile(temporary)
    throw error
  }
}

export function unfinishedName(path: string): string {
  return join(dirname(path), `.${basename(path)}.gz`)
}
