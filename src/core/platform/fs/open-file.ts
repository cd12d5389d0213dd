import fs from 'node:fs'
import { codeOf } from '#core/errors.js'

/**
 * Opens a file to read it.
 * @throws also for anything but a file, such as a pipe, which would block us for ever
 */
export function openFile(path: string): number {
  const file = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0))
  if (fs.fstatSync(file).isFile()) return file
  fs.closeSync(file)
  throw new Error(`${path} is not a file`)
}

/**
 * Writes all bytes to an open file. The system may take a part only, as on a full disk: then the rest follows or fails.
 */
export function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += fs.writeSync(file, bytes, done)
}

/** Returns what identifies the file of that name while it is open; undefined if there is none. */
export function fileId(path: string): string | undefined {
  try {
    return idOf(fs.statSync(path, { bigint: true }))
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** Returns the same identity of an open file, whatever its name is by now. */
export function openFileId(file: number): string {
  return idOf(fs.fstatSync(file, { bigint: true }))
}

function idOf({ dev, ino }: fs.BigIntStats): string {
  return `${dev}:${ino}`
}
