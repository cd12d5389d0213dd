import fs from 'node:fs'
import { dirname } from 'node:path'
import { fileId, openFileId, writeWhole } from '#core/platform/fs/open-file.js'
import { makeFolder } from '#core/platform/fs/write-files.js'

const MODE = 0o640

/**
 * Makes a stream of ours append to a file, unless `descriptor`, which the stream writes to, is that file already.
 * Returns the descriptor that is written to from now on.
 */
export function divertOutput(stream: NodeJS.WriteStream, descriptor: number, path: string): number {
  try {
    if (fileId(path) === openFileId(descriptor)) return descriptor
    makeFolder(dirname(path))
    const file = fs.openSync(path, 'a', MODE)
    stream.write = ((chunk: string | Uint8Array, ...more: unknown[]) => {
      try {
        writeWhole(file, typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
      } catch {
        // a full disk must not make the caller that prints fail
      }
      const done = more.find((one) => typeof one === 'function') as (() => void) | undefined
      done?.()
      return true
    }) as typeof stream.write
    return file
  } catch {
    return descriptor // its manager's journal has it then
  }
}
