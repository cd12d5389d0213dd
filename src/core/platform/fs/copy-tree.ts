import fs from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { codeOf, withPath } from '#core/errors.js'
import { kindAt, linkText } from './links.js'
import { makeFolder, removeFolder, renameWithRetries, syncFolder } from './write-files.js'

/** A file, link or folder below a folder, by its path relative to that, with slashes. */
export interface TreeItem {
  readonly path: string
  readonly kind: 'file' | 'link' | 'folder'
  readonly bytes: number
  /** The time of its last change, in ms since 1970. */
  readonly changed_at: number
}

/**
 * Returns what lies at a path and below it, folders before what they hold; empty where nothing is there. Links are not
 * followed, and pipes, sockets and devices are left out.
 */
export function treeAt(top: string, path: string): TreeItem[] {
  const full = join(top, path)
  const kind = kindAt(full)
  if (kind === undefined || kind === 'special file') return []
  const { size, mtimeMs } = fs.lstatSync(full)
  const item = { path, kind, bytes: kind === 'file' ? size : 0, changed_at: Math.round(mtimeMs) }
  if (kind !== 'folder') return [item]
  return [item, ...fs.readdirSync(full).flatMap((name) => treeAt(top, `${path}/${name}`))]
}

/** The number of tries to copy a file that somebody writes to meanwhile. */
const TRIES = 5

/**
 * Copies a file with its mode and its time, and flushes it. Where the file system can, the two share their blocks.
 * @throws Error where the file changes each time while it is copied; the system's error, with the path
 */
async function copyWhole(source: string, path: string): Promise<void> {
  try {
    for (let attempt = 1; ; attempt++) {
      const before = await fs.promises.stat(source)
      await fs.promises.copyFile(source, path, fs.constants.COPYFILE_FICLONE)
      const { mtimeMs, size } = await fs.promises.stat(source)
      if (mtimeMs === before.mtimeMs && size === before.size) break
      if (attempt === TRIES) throw new Error(`${source} was changed each time while it was copied`)
    }
    const { atime, mtime } = await fs.promises.stat(source)
    await fs.promises.utimes(path, atime, mtime)
    await flushFile(path)
  } catch (error) {
    throw withPath(error, path)
  }
}

/**
 * Copies what lies at a path below one folder to a path below another, and flushes it; links stay links. `skips` leaves
 * out files, by their path.
 */
export async function copyTree(
  from: string,
  to: string,
  path: string,
  { as = path, skips = () => false }: { as?: string; skips?: (path: string) => boolean } = {},
): Promise<void> {
  const items = treeAt(from, path).filter((item) => item.kind === 'folder' || !skips(item.path))
  const placeOf = (item: TreeItem) => join(to, as + item.path.slice(path.length))
  for (const item of items) {
    const [source, place] = [join(from, item.path), placeOf(item)]
    fs.mkdirSync(dirname(place), { recursive: true })
    if (item.kind === 'folder') fs.mkdirSync(place, { recursive: true, mode: fs.statSync(source).mode & 0o777 })
    else if (item.kind === 'link') fs.symlinkSync(linkText(source), place)
    else await copyWhole(source, place)
  }
  for (const item of items) if (item.kind === 'folder') syncFolder(placeOf(item))
}

/** Flushes a file's content to the disk. */
export async function flushFile(path: string): Promise<void> {
  // Windows flushes only what is open for writing
  const file = await fs.promises.open(path, process.platform === 'win32' ? 'r+' : 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}

/**
 * Moves what lies at a path to another one, so that it is whole at one of the two at each moment; to another disk by a
 * copy.
 */
export async function moveTree(source: string, path: string): Promise<void> {
  makeFolder(dirname(path))
  try {
    renameWithRetries(source, path)
  } catch (error) {
    if (codeOf(error) !== 'EXDEV') throw withPath(error, source)
    const beside = `${basename(path)}.copy`
    removeFolder(join(dirname(path), beside))
    await copyTree(dirname(source), dirname(path), basename(source), { as: beside })
    fs.renameSync(join(dirname(path), beside), path)
    removeFolder(source)
  }
  syncFolder(dirname(path))
  syncFolder(dirname(source))
}
