import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf, withPath } from '#core/errors.js'
import { exists, modeOf, realPath } from './files.js'
import { writeWhole } from './open-file.js'
import { becomeSpare, writeNew, writeNewOrSpare } from './spare.js'
import { sweepBeside, temporaryName } from './temporary.js'

/** The mode of files that hold secrets: readable by the owner alone. On Windows the folder's ACL decides instead. */
export const OWNER_ONLY = 0o600
export const OWNER_FOLDER = 0o700

/** Makes a folder and those above it; an existing one stays as it is. `mode` applies to all that are made. */
export function makeFolder(path: string, mode = 0o777): void {
  try {
    fs.mkdirSync(path, { recursive: true, mode })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') refuseAsTheSystemDoes(path, mode)
    throw error
  }
}

/** Throws the system's own error: on a read-only disk, making several folders at once makes node name ENOENT instead. */
function refuseAsTheSystemDoes(path: string, mode: number): void {
  let first = path
  while (!exists(dirname(first)) && dirname(first) !== first) first = dirname(first)
  fs.mkdirSync(first, mode)
}

/** Removes a file; a missing one is fine. */
export function removeFile(path: string): void {
  fs.rmSync(path, { force: true })
}

/** Removes a temporary file of ours, such as a lock; if a spare file is missing, this one becomes it. */
export function retire(path: string): void {
  if (!becomeSpare(path, fs.renameSync)) removeFile(path)
}

/** Removes a folder with all its content; a missing one is fine. */
export function removeFolder(path: string): void {
  fs.rmSync(path, { recursive: true, force: true, maxRetries: 3 })
}

/**
 * Makes a folder that is complete from its first moment: `fill` fills one beside it, which is then renamed.
 * @throws also when there is one of that name already
 */
export function publishFolder(path: string, fill: (folder: string) => void): void {
  const temporary = temporaryName(path)
  try {
    fill(temporary)
    publishWhole(temporary, path)
  } catch (error) {
    removeFolder(temporary)
    throw withPath(error, path)
  }
}

/** Gives a folder that is complete under a temporary name its own name, so that it stays after a power cut. */
export function publishWhole(temporary: string, path: string): void {
  sweepBeside(path, temporary)
  renameWithRetries(temporary, path)
  syncFolder(dirname(path))
}

interface WriteOptions {
  /** The folder, on the same disk, where the file is made; default: beside it. */
  readonly workshop?: string
  /**
   * False for what only processes of this boot need, such as a lock: each flush delays a start. After a power cut it may
   * be empty. Default: true.
   */
  readonly isFlushed?: boolean
}

/**
 * Puts text into a file so that a reader, a crash or a power cut finds the old text or the new one, never a part:
 * writes a temporary file, flushes it, then renames it over the file.
 */
export function writeAtomically(path: string, text: string, mode = 0o644, options: WriteOptions = {}): void {
  const { workshop = dirname(path), isFlushed = true } = options
  makeFolder(dirname(path))
  makeFolder(workshop)
  const temporary = temporaryName(join(workshop, basename(path)))
  try {
    const isSpare = writeNewOrSpare(temporary, Buffer.from(text), mode, isFlushed)
    if (isSpare) becomeSpare(path, fs.linkSync) // it lives on there when the rename takes its name
    sweepBeside(join(workshop, basename(path)), temporary)
    renameWithRetries(temporary, path)
  } catch (error) {
    retire(temporary)
    throw withPath(error, path)
  }
  if (isFlushed) syncFolder(dirname(path))
}

/**
 * Rewrites a file that holds secrets. A link to a shared file stays, and so do its permissions. On Windows a file
 * inherits the permissions of the folder where it is made, and keeps them when it is moved: it is made in `closed`,
 * which nobody else can read, unless a link leads elsewhere, perhaps to another disk.
 */
export function rewriteSecret(link: string, text: string, closed: string, platform = process.platform): void {
  const path = realPath(link) ?? link
  const isLink = fs.lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true
  const mode = modeOf(path)
  const write = (workshop: string) => {
    writeAtomically(path, text, mode ?? OWNER_ONLY, { workshop })
    if (mode !== undefined && modeOf(path) !== mode) fs.chmodSync(path, mode) // the umask removed a part of it
  }
  try {
    write(platform === 'win32' && !isLink ? closed : dirname(path))
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    write(dirname(path)) // `closed` lies on another disk
  }
}

/** Moves a file, folder or link to a path where nothing is, also to another disk. */
export function movePath(from: string, to: string): void {
  makeFolder(dirname(to))
  try {
    renameWithRetries(from, to)
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    const temporary = temporaryName(to)
    fs.cpSync(from, temporary, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true })
    renameWithRetries(temporary, to)
    fs.rmSync(from, { recursive: true, force: true })
  }
}

/** Copies a file so that a reader finds the old one or the new one, never a part. */
export function copyAtomically(source: string, path: string): void {
  const temporary = temporaryName(path)
  try {
    fs.copyFileSync(source, temporary, fs.constants.COPYFILE_EXCL)
    sweepBeside(path, temporary)
    renameWithRetries(temporary, path)
  } catch (error) {
    removeFile(temporary)
    throw withPath(error, path)
  }
}

/**
 * Makes a new file, complete from its first moment and readable by its owner alone; returns false when one exists
 * already. Our locks are built on it, and need no flush. On a file system without hard links its text comes a moment after its name.
 */
export function createExclusively(path: string, text: string, { isFlushed = true }: WriteOptions = {}): boolean {
  makeFolder(dirname(path))
  const temporary = temporaryName(path)
  try {
    writeNewOrSpare(temporary, Buffer.from(text), OWNER_ONLY, isFlushed)
    fs.linkSync(temporary, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!WITHOUT_LINKS.includes(codeOf(error) ?? '')) throw withPath(error, path)
    return createInPlace(path, text)
  } finally {
    retire(temporary)
  }
}

const WITHOUT_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

function createInPlace(path: string, text: string): boolean {
  try {
    writeNew(path, Buffer.from(text), OWNER_ONLY, true)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    removeFile(path)
    throw withPath(error, path)
  }
}

/**
 * Appends a line in one write, and flushes it unless `isSynced` is false. A truncated last line is closed first, so
 * that it spoils no other. Without `follows` a link at that path is an error.
 * @throws also for anything but a file, such as a pipe, which would block us for ever once it is full
 */
export function appendLine(path: string, line: string, { isSynced = true, follows = true } = {}): void {
  makeFolder(dirname(path))
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants // Windows lacks some
  const file = fs.openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK | (follows ? 0 : O_NOFOLLOW), 0o644)
  try {
    if (!fs.fstatSync(file).isFile()) throw new Error('it is not a file')
    writeWhole(file, Buffer.from(`${isWithinLine(file) ? '\n' : ''}${line}\n`))
    if (isSynced) fs.fsyncSync(file)
  } catch (error) {
    throw withPath(error, path)
  } finally {
    fs.closeSync(file)
  }
}

/** Appends text without a flush: for what may be lost in a power cut. */
export function appendText(path: string, text: string | Buffer, mode?: number): void {
  makeFolder(dirname(path))
  fs.appendFileSync(path, text, { mode })
}

/** Returns whether the file's last line lacks its line end. */
export function endsWithinLine(path: string): boolean {
  if (!exists(path)) return false
  const file = fs.openSync(path, 'r')
  try {
    return isWithinLine(file)
  } finally {
    fs.closeSync(file)
  }
}

function isWithinLine(file: number): boolean {
  const { size } = fs.fstatSync(file)
  if (size === 0) return false
  const last = Buffer.alloc(1)
  fs.readSync(file, last, 0, 1, size - 1)
  return last[0] !== 0x0a
}

/**
 * Renames, and retries on Windows, where a rename over a file that someone reads at that moment fails; readers are
 * quick.
 */
export function renameWithRetries(from: string, to: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      fs.renameSync(from, to)
      return
    } catch (error) {
      const held = ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '')
      if (process.platform !== 'win32' || !held || attempt === 20) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, attempt * 5)
    }
  }
}

/** Makes a rename survive a power cut. Windows can't flush a folder, and needs not. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(folder)
  } finally {
    fs.closeSync(folder)
  }
}
