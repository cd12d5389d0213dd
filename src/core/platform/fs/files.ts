import fs from 'node:fs'
import { codeOf } from '#core/errors.js'
import { openFile } from './open-file.js'

/** Returns the file's text, or undefined if there is no file or it holds more than `mostBytes`. */
export function readText(path: string, mostBytes = Number.POSITIVE_INFINITY): string | undefined {
  try {
    const file = openFile(path)
    try {
      if (fs.fstatSync(file).size > mostBytes) return undefined
      return fs.readFileSync(file, 'utf8')
    } finally {
      fs.closeSync(file)
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** Returns the file's bytes, or undefined if there is no file. */
export function readBytes(path: string): Uint8Array | undefined {
  try {
    return fs.readFileSync(path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Returns the first bytes of a file as text; undefined if there is no file. */
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

/**
 * Asks whether something is there, without blocking this process where its disk hangs.
 * @throws the system's error where that can't be known
 */
export async function isThere(path: string): Promise<boolean> {
  try {
    await fs.promises.stat(path)
    return true
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return false
    throw error
  }
}

/** Returns whether nothing is there for certain: what we are not permitted to inspect may exist. */
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

/** Returns the names in a folder, sorted; empty if there is no folder. */
export function listFolder(path: string): string[] {
  try {
    return fs.readdirSync(path).sort()
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Returns when a file was last changed, in ms since 1970, or undefined if there is none. */
export function changedAt(path: string): number | undefined {
  return fs.statSync(path, { throwIfNoEntry: false })?.mtimeMs
}

/** Returns a file's size in bytes; 0 if there is none. */
export function sizeOf(path: string): number {
  return fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** Returns the number of the file system that holds a path, or undefined if nothing is there. */
export function deviceOf(path: string): number | undefined {
  return fs.statSync(path, { throwIfNoEntry: false })?.dev
}

/** Returns where a path leads in the end, or undefined if nothing is there. */
export function realPath(path: string): string | undefined {
  try {
    return fs.realpathSync.native(path)
  } catch {
    return undefined
  }
}

/** Returns the complete lines at a file's end, within its last `bytes`; empty if the file is missing or unreadable. */
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

/** Returns a file's permissions, or undefined if there is none. */
export function modeOf(path: string): number | undefined {
  const mode = fs.statSync(path, { throwIfNoEntry: false })?.mode
  return mode === undefined ? undefined : mode & 0o777
}
