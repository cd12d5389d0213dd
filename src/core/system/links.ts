import fs from 'node:fs'
import { dirname, relative } from 'node:path'

/** What lies at a path itself, links not followed. On Windows a junction counts as a link. */
export function kindAt(path: string): 'file' | 'folder' | 'link' | undefined {
  const found = fs.lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  if (found.isSymbolicLink()) return 'link'
  return found.isDirectory() ? 'folder' : 'file'
}

/** Where a link leads, as it is written. */
export function linkText(path: string): string {
  return fs.readlinkSync(path)
}

/** Removes a link, never what it leads to. */
export function removeLink(path: string): void {
  fs.unlinkSync(path)
}

/**
 * Makes a link to a file or folder: relative, so that both can move together. On Windows, where that takes rights, a
 * folder gets a junction, which is absolute.
 */
export function makeLink(target: string, path: string, platform: NodeJS.Platform = process.platform): void {
  fs.symlinkSync(linkTextFor(target, path, platform), path, platform === 'win32' ? 'junction' : null)
}

/** What {@link makeLink} writes into the link. */
export function linkTextFor(target: string, path: string, platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? target : relative(dirname(path), target)
}
