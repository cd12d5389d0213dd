import { join } from 'node:path'
import { isFolder } from '#core/platform/fs/files.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { makeFolder, OWNER_FOLDER, OWNER_ONLY } from '#core/platform/fs/write-files.js'
import { actingAs, isForAnother, ownerOf, type User } from '#core/platform/process/users.js'
import { homePaths } from './home-paths.js'

/** The maximum number of homes that are remembered: the newest. */
const LIMIT = 200

/** The content of `homes.json`: the folders of homes, the one used last at the end. */
interface Registry {
  readonly homes: readonly string[]
}

/**
 * Returns the path of a user's registry of homes; undefined where Windows names no folder for it. The folder that the
 * environment names is that of the user who runs this.
 */
export function registryPath(
  { folder }: Pick<User, 'folder'>,
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  const { APPDATA, XDG_CONFIG_HOME } = environment
  const settings = platform === 'win32' ? APPDATA : XDG_CONFIG_HOME || join(folder, '.config')
  return settings ? join(settings, 'catalyst', 'homes.json') : undefined
}

/** Returns the path of the registry in which this owner's homes are, whoever runs this. */
export function registryOf(owner: User): string | undefined {
  return registryPath(owner, isForAnother(owner) ? {} : process.env)
}

/** Returns the homes in a registry that are there now. One that was damaged, or is not readable, has none. */
export function registeredHomes(path: string | undefined): string[] {
  return path === undefined ? [] : (allRegistered(path) ?? []).filter(isThere)
}

/**
 * Returns all homes in a registry, also those that are not there now, as on a disk that is unplugged; undefined where it
 * can't be read, which says nothing about them.
 */
export function allRegistered(path: string): readonly string[] | undefined {
  try {
    return read(path)
  } catch {
    return undefined
  }
}

/** Adds a home to the registry of its owner, as that owner. It fails silently: without it `ls` only finds less. */
export function registerHome(home: string): void {
  try {
    const owner = ownerOf(home)
    const path = registryOf(owner)
    if (path !== undefined) actingAs(owner, () => add(path, home))
  } catch {
    // a read-only or full disk, or a user without a folder of its own
  }
}

function add(path: string, home: string): void {
  const known = read(path) ?? []
  if (known.at(-1) === home) return
  const homes = [...known.filter((one) => one !== home), home].slice(-LIMIT) // an unplugged one comes back
  makeFolder(join(path, '..'), OWNER_FOLDER)
  writeJson(path, { homes } satisfies Registry, OWNER_ONLY)
}

function read(path: string): readonly string[] | undefined {
  const isWhole = ({ homes }: Record<string, unknown>) =>
    Array.isArray(homes) && homes.every((one) => typeof one === 'string')
  return readJson<Registry>(path, isWhole)?.homes.slice(-LIMIT)
}

/** Returns whether a home is still one: its own folder may be read by its owner alone. */
function isThere(home: string): boolean {
  try {
    return isFolder(homePaths(home).own)
  } catch {
    return false // not permitted
  }
}
