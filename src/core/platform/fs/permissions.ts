import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf } from '#core/errors.js'
import { exists, modeOf, realPath } from './files.js'
import { sweepBeside, temporaryName } from './temporary.js'
import { makeFolder } from './write-files.js'

const PROBE = '.catalyst-probe'

/** Returns the system's error from making the folder or writing to it, or undefined if it can be used. */
export function whyNotWritable(folder: string): Error | undefined {
  const probe = temporaryName(join(folder, PROBE))
  try {
    makeFolder(folder)
    fs.writeFileSync(probe, 'x', { flag: 'wx' })
    sweepBeside(join(folder, PROBE), probe)
    return undefined
  } catch (error) {
    return error as Error
  } finally {
    if (exists(probe)) fs.unlinkSync(probe) // rmSync would load more, before a bot can start
  }
}

/** Returns whether the user we act as at the moment can read it: access(2) would answer for the user who started us. */
export function isReadable(path: string): boolean {
  try {
    fs.closeSync(fs.openSync(path, 'r'))
    return true
  } catch {
    return false
  }
}

/** Returns whether anybody at all can execute a file; on Windows that is no property of the file. */
export function isExecutable(path: string): boolean {
  const mode = modeOf(path)
  return process.platform === 'win32' || (mode !== undefined && (mode & 0o111) !== 0)
}

/** Returns the owners of a file or folder, and of a link also of its target, by number; empty on Windows. */
export function ownersOf(path: string): number[] {
  if (process.platform === 'win32') return []
  const link = fs.lstatSync(path, { throwIfNoEntry: false })
  const target = link?.isSymbolicLink() ? fs.statSync(path, { throwIfNoEntry: false }) : undefined
  return [link, target].flatMap((found) => (found === undefined ? [] : [found.uid]))
}

/**
 * Returns whether every user of this machine can read a file: by its own permissions and those of each folder above.
 * Always false on Windows, where a folder's ACL decides.
 */
export function isOpenToAll(path: string, platform = process.platform): boolean {
  const file = realPath(path)
  if (platform === 'win32' || file === undefined || !hasMode(file, 0o004)) return false
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    if (!hasMode(folder, 0o001)) return false
    if (folder === dirname(folder)) return true
  }
}

function hasMode(path: string, bits: number): boolean {
  return ((modeOf(path) ?? 0) & bits) === bits
}

/** The permissions of a file or folder. */
export interface Rights {
  readonly mode: number
  readonly gid: number
}

/** Returns the permissions of a file or folder, of a link those of its target; undefined if there is none. */
export function readRights(path: string): Rights | undefined {
  const found = fs.statSync(path, { throwIfNoEntry: false })
  return found && { mode: found.mode & 0o777, gid: found.gid }
}

/** Changes the permissions of a file or folder, and returns those that it has by then; another's can't be changed. */
export function changeMode(path: string, mode: number): number | undefined {
  try {
    fs.chmodSync(path, mode)
  } catch (error) {
    if (!['EPERM', 'EACCES', 'EROFS', 'ENOENT'].includes(codeOf(error) ?? '')) throw error
  }
  return modeOf(path)
}
