import { basename, join } from 'node:path'
import { copyAtomically, exists, isFolder, makeFolder, removeFile, removeFolder } from '#core/system/files.js'
import { kindAt, linkText, linkTextFor, makeLink, removeLink } from '#core/system/links.js'

/** What becomes of something of the release's own that lies where a shared path is to be. */
type InTheWay = 'replace' | 'refuse'

/**
 * Lets the shared paths of the home appear in a release: as links, on Windows folders as junctions and files as copies.
 * What the home doesn't have yet is made or at least pointed at, so that nothing is lost that a bot writes there. Doing it
 * again mends what is amiss, as after a move of the home.
 * @param folder the release's counterpart of the home
 * @throws the first of what went wrong, when all that could be done has been
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

/** Of what isn't there yet only the name tells what it is to be. */
function isFolderName(path: string): boolean {
  return !basename(path).includes('.')
}

/**
 * Takes the shared paths out of a release, before it is removed.
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
    throw new Error(`${place} is in the way of what the home shares: move what it holds into the home, then remove it`)
  removeFolder(place)
}

/** The folders above a shared path are made, but nothing is made behind a link that a commit brought along. */
function makeParents(folder: string, path: string): void {
  const above = path.split('/').slice(0, -1)
  if (isBehindLink(folder, path)) throw new Error(`${join(folder, ...above)} leads out of the release`)
  if (above.length === 0) return
  const parent = join(folder, ...above)
  if (kindAt(parent) === 'file') removeFile(parent)
  makeFolder(parent)
}

function isBehindLink(folder: string, path: string): boolean {
  const above = path.split('/').slice(0, -1)
  return above.some((_, index) => kindAt(join(folder, ...above.slice(0, index + 1))) === 'link')
}

/** Without those that lie in another one. */
function outermost(shared: readonly string[]): string[] {
  return [...new Set(shared)].filter((path) => !shared.some((other) => path.startsWith(`${other}/`)))
}

/** Windows reads a junction back with a trailing backslash. */
function samePath(one: string, other: string): boolean {
  const plain = (path: string) => path.replace(/[\\/]+$/, '')
  return plain(one) === plain(other)
}
