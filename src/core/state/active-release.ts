import { join } from 'node:path'
import { isFolder } from '#core/system/files.js'
import type { HomePaths } from './home-paths.js'
import { readJson } from './json-file.js'

export interface ActiveRelease {
  /** The release's folder name, such as `v1.2.0-1a2b3c4d`. */
  readonly name: string
  readonly commit: string
  readonly folder: string
}

/** The release that the bot is to run, or undefined where it runs in the home itself. */
export function activeRelease(paths: HomePaths): ActiveRelease | undefined {
  const pointer = readJson<{ name: string; commit: string; subfolder?: string }>(
    paths.activeRelease,
    (value) => isPlainName(value.name) && typeof value.commit === 'string' && isInside(value.subfolder),
  )
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
