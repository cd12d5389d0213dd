import fs from 'node:fs'
import { removeFile } from './files.js'
import { fileId, openFileId, writeWhole } from './open-file.js'

const CHUNK_BYTES = 256 * 1024

/**
 * Empties the file that one of our own streams appends to (`descriptor`, also known as `path`), once it is over `limit`
 * bytes; what it held goes to `moved()` first, of a larger file the newest `limit` bytes in whole lines. The answer is
 * whether it was done.
 *
 * It happens at once: whatever this process prints comes before or after it, and is lost in neither case. The emptying
 * goes through the open stream, since the file itself may be root's.
 */
export function cutFile(descriptor: number, path: string, limit: number, moved: () => string): boolean {
  if (fileId(path) === undefined || openFileId(descriptor) !== fileId(path)) return false
  const { size } = fs.fstatSync(descriptor)
  if (size <= limit) return false
  copyEnd(path, moved(), size - limit)
  fs.ftruncateSync(descriptor, 0)
  return true
}

/** Copies a file from the first line that begins at or after `start`, with all that comes meanwhile. */
function copyEnd(from: string, to: string, start: number): void {
  const source = fs.openSync(from, 'r')
  try {
    const target = fs.openSync(to, 'wx', 0o640)
    let isWhole = false
    try {
      const chunk = Buffer.alloc(CHUNK_BYTES)
      let position = Math.max(0, start - 1)
      let within = start > 0
      for (;;) {
        const count = fs.readSync(source, chunk, 0, CHUNK_BYTES, position)
        if (count === 0) break
        position += count
        const begin = within ? chunk.subarray(0, count).indexOf(0x0a) + 1 : 0
        if (within && begin === 0) continue
        within = false
        writeWhole(target, chunk.subarray(begin, count))
      }
      fs.fsyncSync(target)
      isWhole = true
    } finally {
      fs.closeSync(target)
      if (!isWhole) removeFile(to)
    }
  } finally {
    fs.closeSync(source)
  }
}
