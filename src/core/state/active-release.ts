import { join } from 'node:path'
import { isFolder, removeFile } from '#core/system/files.js'
import type { HomePaths } from './home-paths.js'
import { readJson, writeJson } from './json-file.js'

/** `releases/active.json`: which release the bot is to run. */
export interface Pointer {
  /** The release's folder name, such as `v1.2.0-1a2b3c4d`. */
  readonly name: string
  readonly commit: string
  /** Where the home lies in its repository, if it isn't the whole of it. */
  readonly subfolder?: string
}

export interface ActiveRelease {
  readonly name: string
  readonly commit: string
  /** What the bot runs in. */
  readonly folder: string
}

/** The pointer that names this release. */
export function pointerTo({ name, commit, subfolder }: Required<Pointer>): Pointer {
  return { name, commit, ...(subfolder !== '' && { subfolder }) }
}

/** The pointer as it stands; undefined where the bot runs in the home itself. */
export function readPointer(paths: HomePaths): Pointer | undefined {
  return readJson<Pointer>(
    paths.activeRelease,
    (value) => isPlainName(value.name) && typeof value.commit === 'string' && isInside(value.subfolder),
  )
}

/** Points at another release, or at the home itself; one rename, so that at every moment it names a whole one. */
export function writePointer(paths: HomePaths, pointer: Pointer | null): void {
  if (pointer === null) removeFile(paths.activeRelease)
  else writeJson(paths.activeRelease, pointer)
}

/** The release that the bot is to run, or undefined where it runs in the home itself. */
export function activeRelease(paths: HomePaths): ActiveRelease | undefined {
  const pointer = readPointer(paths)
  if (pointer === undefined) return undefined
  const folder = join(paths.releases, pointer.name, pointer.subfolder ?? '')
  return isFolder(folder) ? { name: pointer.name, commit: pointer.commit, folder } : undefined
}

function isPlainName(name: unknown): boolean {
  return typeof name === 'string' && name !== '' && !/[/\\]|^\.\.?$/.test(name)
}

function isInside(subfolder: unknown): boolean {
  return subfolder === undefined || (typeof subfolder === 'string' && !subfolder.split(/[/\\]/).includes('..'))
}
