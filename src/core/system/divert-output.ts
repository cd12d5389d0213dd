import fs from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder } from './files.js'
import { fileId, openFileId, writeWhole } from './open-file.js'

const MODE = 0o640

/**
 * Has a stream of ours append to a file, unless `descriptor`, which the stream writes to, is that file already. The answer
 * is the descriptor that is written to from now on.
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
        // a full disk is no reason for whoever prints to fail
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
