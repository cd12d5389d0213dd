import { basename, join } from 'node:path'
import { exists, isFolder } from '#core/platform/fs/files.js'
import { kindAt, linkText, linkTextFor, makeLink, removeLink } from '#core/platform/fs/links.js'
import { copyAtomically, makeFolder, removeFile, removeFolder } from '#core/platform/fs/write-files.js'

/** The treatment of a release's own file in the place of a shared path. */
type InTheWay = 'replace' | 'refuse'

/**
 * Links the shared paths of the home into a release: as links, on Windows folders as junctions and files as copies. A
 * path that the home lacks is made, or at least pointed at, so that nothing is lost that a bot writes there. Repeating
 * it repairs the links, as after a move of the home.
 * @param folder the release's counterpart of the home
 * @throws the first fault, after all that could be done has been
 */
export function linkShared(
  home: string,
  folder: string,
  shared: readonly string[],
  inTheWay: InTheWay,
  platform: NodeJS.Platform = process.platform,
): void {
  const faults: unknown[] = []
  for (const path of outermost(shared)) {
    try {
      const source = join(home, path)
      if (!exists(source) && isFolderName(path)) makeFolder(source)
      makeParents(folder, path)
      linkOne(source, join(folder, path), inTheWay, platform)
    } catch (error) {
      faults.push(error)
    }
  }
  if (faults.length > 0) throw faults[0]
}

/** Returns whether a missing path is meant as a folder: only its name tells. */
function isFolderName(path: string): boolean {
  return !basename(path).includes('.')
}

/**
 * Removes the shared paths from a release, before it is removed.
 * @throws Error when one is left: removing the release could reach through it into the home
 */
export function unlinkShared(folder: string, shared: readonly string[]): void {
  for (const path of outermost(shared)) {
    if (isBehindLink(folder, path)) continue // a link of the release's own, which is removed as a link
    const place = join(folder, path)
    if (kindAt(place) === 'link') removeLink(place)
    if (kindAt(place) === 'link') throw new Error(`${place} still leads into the home`)
  }
}

function linkOne(source: string, place: string, inTheWay: InTheWay, platform: NodeJS.Platform): void {
  const isCopied = platform === 'win32' && !isFolder(source)
  if (isCopied && !exists(source)) return
  const there = kindAt(place)
  if (there === 'link' && !isCopied && samePath(linkText(place), linkTextFor(source, place, platform))) return
  if (there === 'link') removeLink(place)
  else if (there !== undefined && !isCopied) makeRoom(place, inTheWay)
  if (isCopied) copyAtomically(source, place)
  else makeLink(source, place, platform)
}

function makeRoom(place: string, inTheWay: InTheWay): void {
  if (inTheWay === 'refuse')
    throw new Error(`${place} is in the way of a shared path: move its content into the home, then remove it`)
  removeFolder(place)
}

/** Makes the folders above a shared path, but nothing behind a link that a commit brought along. */
function makeParents(folder: string, path: string): void {
  const above = path.split('/').slice(0, -1)
  if (isBehindLink(folder, path)) throw new Error(`${join(folder, ...above)} leads out of the release`)
  if (above.length === 0) return
  const parent = join(folder, ...above)
  if (kindAt(parent) !== 'folder') removeFile(parent)
  makeFolder(parent)
}

function isBehindLink(folder: string, path: string): boolean {
  const above = path.split('/').slice(0, -1)
  return above.some((_, index) => kindAt(join(folder, ...above.slice(0, index + 1))) === 'link')
}

/** Returns the paths without those that lie in another one. */
function outermost(shared: readonly string[]): string[] {
  return [...new Set(shared)].filter((path) => !shared.some((other) => path.startsWith(`${other}/`)))
}

/** Compares paths of links: Windows reads a junction back with a trailing backslash. */
function samePath(one: string, other: string): boolean {
  const plain = (path: string) => path.replace(/[\\/]+$/, '')
  return plain(one) === plain(other)
}
