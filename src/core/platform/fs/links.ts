import fs from 'node:fs'
import { dirname, relative } from 'node:path'

/**
 * Returns the kind of what lies at a path itself, without following links. On Windows a junction counts as a link. A
 * special file is anything that a read could block on for ever: pipes, sockets, devices.
 */
export function kindAt(path: string): 'file' | 'folder' | 'link' | 'special file' | undefined {
  const found = fs.lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return undefined
  if (found.isSymbolicLink()) return 'link'
  if (found.isDirectory()) return 'folder'
  return found.isFile() ? 'file' : 'special file'
}

/** Returns where a link leads, as it is written. */
export function linkText(path: string): string {
  return fs.readlinkSync(path)
}

/** Removes a link, never what it leads to. */
export function removeLink(path: string): void {
  fs.unlinkSync(path)
}

/**
 * Makes a link to a file or folder: relative, so that both can move together. On Windows, where that takes privileges,
 * a folder gets a junction, which is absolute.
 */
export function makeLink(target: string, path: string, platform: NodeJS.Platform = process.platform): void {
  fs.symlinkSync(linkTextFor(target, path, platform), path, platform === 'win32' ? 'junction' : null)
}

/** Returns what {@link makeLink} writes into the link. */
export function linkTextFor(target: string, path: string, platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? target : relative(dirname(path), target)
}
