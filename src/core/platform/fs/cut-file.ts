import fs from 'node:fs'
import { fileId, openFileId, writeWhole } from './open-file.js'
import { removeFile } from './write-files.js'

const CHUNK_BYTES = 256 * 1024

/**
 * Empties the file that one of our own streams appends to (`descriptor`, also known as `path`), once it is over `limit`
 * bytes. Its content is copied to `moved()` first; of a larger file the newest `limit` bytes in whole lines. Returns
 * whether it was done.
 *
 * It happens in one synchronous step: whatever this process prints comes before or after it, and neither is lost. Of
 * what another process appends (a child with our standard output), only what falls between the last copy and the
 * truncation right after it is lost. The truncation goes through the open stream, since the file itself may belong to
 * root.
 */
export function cutFile(descriptor: number, path: string, limit: number, moved: () => string): boolean {
  if (fileId(path) === undefined || openFileId(descriptor) !== fileId(path)) return false
  const { size } = fs.fstatSync(descriptor)
  if (size <= limit) return false
  const to = moved()
  const source = fs.openSync(path, 'r')
  try {
    const target = fs.openSync(to, 'wx', 0o640)
    let isWhole = false
    try {
      const end = copy(source, target, lineFrom(source, size - limit))
      fs.fsyncSync(target) // slow
      copy(source, target, end)
      isWhole = true
      fs.ftruncateSync(descriptor, 0)
    } finally {
      fs.closeSync(target)
      if (!isWhole) removeFile(to)
    }
  } finally {
    fs.closeSync(source)
  }
  return true
}

/** Returns where the first line begins at or after `start`; the end of the file if none does. */
function lineFrom(source: number, start: number): number {
  if (start === 0) return 0
  let position = start - 1
  for (const chunk of chunks(source, position)) {
    const end = chunk.indexOf(0x0a)
    if (end !== -1) return position + end + 1
    position += chunk.length
  }
  return position
}

/** Copies everything from `start` on, and returns the position after it. */
function copy(source: number, target: number, start: number): number {
  let position = start
  for (const chunk of chunks(source, start)) {
    writeWhole(target, chunk)
    position += chunk.length
  }
  return position
}

function* chunks(source: number, start: number): Generator<Buffer> {
  const buffer = Buffer.alloc(CHUNK_BYTES)
  for (let position = start; ; ) {
    const count = fs.readSync(source, buffer, 0, CHUNK_BYTES, position)
    if (count === 0) return
    yield buffer.subarray(0, count)
    position += count
  }
}
