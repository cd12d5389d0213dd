import { join, sep } from 'node:path'
import { isFolder, realPath } from '#core/platform/fs/files.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { kindAt } from '#core/platform/fs/links.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import type { HomePaths } from './home-paths.js'

/** The content of `releases/active.json`: the release that the bot is to run. */
export interface Pointer {
  /** The release's folder name, such as `v1.2.0-1a2b3c4d`. */
  readonly name: string
  readonly commit: string
  /** The home's subfolder in its repository, if it isn't the whole of it. */
  readonly subfolder?: string
}

export interface ActiveRelease {
  readonly name: string
  readonly commit: string
  /** The folder that the bot runs in. */
  readonly folder: string
}

/** Returns the pointer that names this release. */
export function pointerTo({ name, commit, subfolder }: Required<Pointer>): Pointer {
  return { name, commit, ...(subfolder !== '' && { subfolder }) }
}

/** Returns the pointer; undefined if no release is active and the bot runs in the working tree. */
export function readPointer(paths: HomePaths): Pointer | undefined {
  return readJson<Pointer>(
    paths.activeRelease,
    ({ name, commit, subfolder }) =>
      isReleaseName(name) && isCommit(commit) && (subfolder === undefined || isInside(subfolder)),
  )
}

/** Points at another release, or at the working tree; one rename, so that at every moment it names a complete one. */
export function writePointer(paths: HomePaths, pointer: Pointer | null): void {
  if (pointer === null) removeFile(paths.activeRelease)
  else writeJson(paths.activeRelease, pointer)
}

/**
 * Returns the release that the bot is to run, or undefined if it runs in the working tree. A link in its place, or one
 * on the way to its subfolder that leads out of it, is no release of ours.
 */
export function activeRelease(paths: HomePaths): ActiveRelease | undefined {
  const pointer = readPointer(paths)
  if (pointer === undefined) return undefined
  const top = join(paths.releases, pointer.name)
  const folder = join(top, pointer.subfolder ?? '')
  if (kindAt(top) !== 'folder' || !isFolder(folder)) return undefined
  const [real, within] = [realPath(folder), realPath(top)]
  if (real === undefined || within === undefined || !(real === within || real.startsWith(within + sep)))
    return undefined
  return { name: pointer.name, commit: pointer.commit, folder }
}

/** Returns whether a value can be a release's name: that of a file beside the others. */
export function isReleaseName(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.+-]{1,100}$/.test(value) && !/^\.{1,2}$/.test(value)
}

export function isCommit(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{4,64}$/.test(value)
}

/** Returns whether a path leads from a folder to one below it, on any platform; empty is the folder itself. */
export function isInside(path: unknown): path is string {
  if (typeof path !== 'string') return false
  return !/^[/\\]|^[A-Za-z]:|\0/.test(path) && !path.split(/[/\\]/).includes('..')
}
