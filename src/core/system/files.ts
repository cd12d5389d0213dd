import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf } from '#core/errors.js'
import { openFile, writeWhole } from './open-file.js'

/** Readable by the owner alone: for what holds secrets. On Windows the folder's ACL decides instead. */
export const OWNER_ONLY = 0o600
export const OWNER_FOLDER = 0o700

/** The file's text, or undefined where there is none. */
export function readText(path: string): string | undefined {
  try {
    const file = openFile(path)
    try {
      return fs.readFileSync(file, 'utf8')
    } finally {
      fs.closeSync(file)
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** The first bytes of a file as text; undefined where there is no file. */
export function readBeginning(path: string, bytes: number): string | undefined {
  if (fs.lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined
  const file = fs.openSync(path, 'r')
  try {
    const chunk = Buffer.alloc(bytes)
    return chunk.toString('utf8', 0, fs.readSync(file, chunk, 0, bytes, 0))
  } finally {
    fs.closeSync(file)
  }
}

export function exists(path: string): boolean {
  return fs.existsSync(path)
}

/** Whether there certainly is none: what we may not look at may well be there. */
export function isGone(path: string): boolean {
  try {
    return fs.statSync(path, { throwIfNoEntry: false }) === undefined
  } catch {
    return false
  }
}

export function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Makes a folder and those above it; one that is there already stays as it is. `mode` goes for all that are made. */
export function makeFolder(path: string, mode = 0o777): void {
  fs.mkdirSync(path, { recursive: true, mode })
}

/** The names in a folder, sorted; none where there is no folder. */
export function listFolder(path: string): string[] {
  try {
    return fs.readdirSync(path).sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Removes a file; one that isn't there is fine. */
export function removeFile(path: string): void {
  fs.rmSync(path, { force: true })
}

/** Removes a folder with all that is in it; one that isn't there is fine. */
export function removeFolder(path: string): void {
  fs.rmSync(path, { recursive: true, force: true, maxRetries: 3 })
}

/**
 * Makes a folder that is whole from its first moment: `fill` fills one beside it, which then gets the name.
 * @throws also when there is one of that name already
 */
export function publishFolder(path: string, fill: (folder: string) => void): void {
  const temporary = temporaryName(path)
  try {
    fill(temporary)
    renamePatiently(temporary, path)
  } catch (error) {
    removeFolder(temporary)
    throw error
  }
  syncFolder(dirname(path))
}

/**
 * Puts text into a file so that a reader, a crash or a power cut finds the old text or the new one, never a part:
 * a temporary file, beside it or in another folder of the same disk, synced, then renamed over it.
 */
export function writeAtomically(path: string, text: string, mode = 0o644, workshop = dirname(path)): void {
  makeFolder(dirname(path))
  makeFolder(workshop)
  const temporary = temporaryName(join(workshop, basename(path)))
  try {
    writeSynced(temporary, text, mode)
    renamePatiently(temporary, path)
  } catch (error) {
    removeFile(temporary)
    throw error
  }
  syncFolder(dirname(path))
}

/**
 * Writes a file anew that holds secrets. A link to a shared one stays, and so do its permissions. On Windows a file has
 * those of the folder where it is made, and takes them along when it is moved: so it is made in `closed`, which nobody
 * else may read, unless a link leads elsewhere, perhaps to another disk.
 */
export function rewriteSecret(link: string, text: string, closed: string, platform = process.platform): void {
  const path = realPath(link) ?? link
  const isLink = fs.lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() === true
  const mode = modeOf(path)
  const write = (workshop: string) => {
    writeAtomically(path, text, mode ?? OWNER_ONLY, workshop)
    if (mode !== undefined && modeOf(path) !== mode) fs.chmodSync(path, mode) // the umask took a part of it
  }
  try {
    write(platform === 'win32' && !isLink ? closed : dirname(path))
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw error
    write(dirname(path)) // `closed` lies on another disk
  }
}

/** Copies a file so that a reader finds the old one or the new one, never a part. */
export function copyAtomically(source: string, path: string): void {
  const temporary = temporaryName(path)
  try {
    fs.copyFileSync(source, temporary, fs.constants.COPYFILE_EXCL)
    renamePatiently(temporary, path)
  } catch (error) {
    removeFile(temporary)
    throw error
  }
}

/**
 * Makes a file that isn't there yet, whole from its first moment and readable by its owner alone; false when there is
 * one already. Our locks are built on it. Where a file system knows no hard links, its text comes a moment after its name.
 */
export function createExclusively(path: string, text: string): boolean {
  makeFolder(dirname(path))
  const temporary = temporaryName(path)
  try {
    writeSynced(temporary, text, OWNER_ONLY)
    fs.linkSync(temporary, path)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    if (!WITHOUT_LINKS.includes(codeOf(error) ?? '')) throw error
    return createInPlace(path, text)
  } finally {
    removeFile(temporary)
  }
}

const WITHOUT_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']

function createInPlace(path: string, text: string): boolean {
  try {
    writeSynced(path, text, OWNER_ONLY)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    removeFile(path)
    throw error
  }
}

/**
 * Appends a line in one write, and syncs it unless that isn't wanted. A last line that was cut off is closed first, so
 * that it spoils no other.
 */
export function appendLine(path: string, line: string, { isSynced = true } = {}): void {
  makeFolder(dirname(path))
  const file = fs.openSync(path, 'a+', 0o644)
  try {
    writeWhole(file, Buffer.from(`${isWithinLine(file) ? '\n' : ''}${line}\n`))
    if (isSynced) fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

/** Appends text without a sync: for what may be lost in a power cut. */
export function appendText(path: string, text: string): void {
  makeFolder(dirname(path))
  fs.appendFileSync(path, text)
}

/** Whether the file's last line was cut off before its line end. */
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

function temporaryName(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}.tmp`
}

/** Writes a file that isn't there yet. */
function writeSynced(path: string, text: string, mode: number): void {
  const file = fs.openSync(path, 'wx', mode)
  try {
    writeWhole(file, Buffer.from(text))
    fs.fsyncSync(file)
  } finally {
    fs.closeSync(file)
  }
}

/** On Windows a rename over a file that someone reads at that moment fails; readers are quick, so try again. */
function renamePatiently(from: string, to: string): void {
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

/** Makes a rename last through a power cut. Windows can't sync a folder, and needs not. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(folder)
  } finally {
    fs.closeSync(folder)
  }
}

/** Free and total bytes of the disk that holds `path`. */
export async function diskSpace(path: string): Promise<{ freeBytes: number; totalBytes: number }> {
  const stats = await fs.promises.statfs(path)
  return { freeBytes: stats.bavail * stats.bsize, totalBytes: stats.blocks * stats.bsize }
}

/** What the system said when the folder was made or written to, or undefined if it can be used. */
export function whyNotWritable(folder: string): Error | undefined {
  const probe = join(folder, `.${randomBytes(6).toString('hex')}.tmp`)
  try {
    makeFolder(folder)
    fs.writeFileSync(probe, 'x')
    return undefined
  } catch (error) {
    return error as Error
  } finally {
    if (exists(probe)) fs.rmSync(probe)
  }
}

/** Whether we may read it, as whom we act at the moment: access(2) would answer for whoever started us. */
export function isReadable(path: string): boolean {
  try {
    fs.closeSync(fs.openSync(path, 'r'))
    return true
  } catch {
    return false
  }
}

/** When a file was last changed, in ms since 1970, or undefined where there is none. */
export function changedAt(path: string): number | undefined {
  return fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

/** A file's permissions, or undefined where there is none. */
function modeOf(path: string): number | undefined {
  const mode = fs.statSync(path, { throwIfNoEntry: false })?.mode
  return mode === undefined ? undefined : mode & 0o777
}

/** Where a path leads in the end, or undefined where nothing is. */
export function realPath(path: string): string | undefined {
  try {
    return fs.realpathSync.native(path)
  } catch {
    return undefined
  }
}

/** The whole lines at a file's end, within its last `bytes`; none where there is no file or it can't be read. */
export function lastLines(path: string, bytes: number): string[] {
  try {
    const file = openFile(path)
    try {
      const { size } = fs.fstatSync(file)
      const chunk = Buffer.alloc(Math.min(size, bytes))
      const count = fs.readSync(file, chunk, 0, chunk.length, size - chunk.length)
      const lines = chunk.toString('utf8', 0, count).split(/\r?\n/)
      return lines.slice(size > bytes ? 1 : 0).filter((line) => line !== '')
    } finally {
      fs.closeSync(file)
    }
  } catch {
    return []
  }
}
