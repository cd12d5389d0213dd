import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { isNoRoom } from '#core/errors.js'
import { writeWhole } from './open-file.js'

const FOLDER = 'spare'
const FOLDER_MODE = 0o700
const NAMES = Array.from({ length: 8 }, (_, index) => String(index))
/** One block of most file systems: enough for each of our state files. */
const BYTES = 4096
const BLOCK_BYTES = 512 // the unit of stat(2)

/**
 * Makes spare files in a folder while there is space. On a full disk they become what has to be written there, so that
 * a bot can still be started and a restart still be counted. A failure to make them does no harm.
 */
export function keepSpares(folder: string): void {
  for (const name of NAMES) {
    const path = join(folder, FOLDER, name)
    try {
      if (fs.lstatSync(path, { throwIfNoEntry: false })) continue
      fs.mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE })
      makeSpare(path)
    } catch {
      return // no space, or no permission
    }
  }
}

function makeSpare(path: string): void {
  const file = fs.openSync(path, 'wx', 0o600)
  try {
    const numbers = Float64Array.from({ length: BYTES / Float64Array.BYTES_PER_ELEMENT }, Math.random)
    writeWhole(file, new Uint8Array(numbers.buffer)) // zeros may take no space
    fs.fsyncSync(file)
  } catch (error) {
    fs.rmSync(path, { force: true })
    throw error
  } finally {
    fs.closeSync(file)
  }
}

/**
 * Writes a complete new file, and where the disk is full makes it of a spare one beside it. Returns whether it used a
 * spare: then what the file replaces becomes the next spare one, see {@link becomeSpare}.
 * @throws the system's error, such as `ENOSPC` when no spare file is left
 */
export function writeNewOrSpare(path: string, bytes: Uint8Array, mode: number, isFlushed: boolean): boolean {
  try {
    writeNew(path, bytes, mode, isFlushed)
    return false
  } catch (error) {
    if (!isNoRoom(error)) throw error
    fs.rmSync(path, { force: true }) // a part of it
    if (bytes.length > BYTES || !takeSpare(path)) throw error
    // it never was a link, nor has another name: what is there may have been put there by others
    const file = fs.openSync(path, fs.constants.O_RDWR | (fs.constants.O_NOFOLLOW ?? 0))
    if (process.platform !== 'win32') fs.fchmodSync(file, mode)
    writeTo(file, bytes, isFlushed)
    return true
  }
}

/** Writes a new file. */
export function writeNew(path: string, bytes: Uint8Array, mode: number, isFlushed: boolean): void {
  writeTo(fs.openSync(path, 'wx', mode), bytes, isFlushed)
}

function writeTo(file: number, bytes: Uint8Array, isFlushed: boolean): void {
  try {
    writeWhole(file, bytes)
    fs.ftruncateSync(file, bytes.length)
    if (isFlushed) fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

function takeSpare(path: string): boolean {
  return NAMES.some((name) => {
    const spare = join(dirname(path), FOLDER, name)
    try {
      if (!isSpare(spare)) return false
      fs.renameSync(spare, path)
      return true
    } catch {
      return false // another process was quicker
    }
  })
}

/**
 * Keeps a file that is about to be replaced or removed as a spare one, if one is missing; `keep` moves or links it
 * there.
 */
export function becomeSpare(path: string, keep: (path: string, spare: string) => void): boolean {
  const folder = join(dirname(path), FOLDER)
  try {
    if (!isSpare(path) || !fs.existsSync(folder)) return false
    const free = NAMES.find((name) => !fs.existsSync(join(folder, name)))
    if (free === undefined) return false
    keep(path, join(folder, free))
    return true
  } catch {
    return false
  }
}

/** Returns whether it is a file of ours with a block of its own, and no other name. */
function isSpare(path: string): boolean {
  const stat = fs.lstatSync(path, { throwIfNoEntry: false })
  if (stat?.isFile() !== true || stat.nlink !== 1) return false
  return stat.blocks * BLOCK_BYTES >= BYTES && stat.uid === (process.geteuid?.() ?? stat.uid)
}
