import { isAbsolute, join, resolve } from 'node:path'
import { objectIn } from '#core/json.js'
import { type Clock, within } from '#core/platform/clock.js'
import { isFolder, isThere, readText } from '#core/platform/fs/files.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { makeFolder, OWNER_FOLDER, OWNER_ONLY } from '#core/platform/fs/write-files.js'
import { pollUntil } from '#core/platform/poll.js'
import { newInstance } from '#core/platform/process/new-instance.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { actingAs, isForAnother, ownerOf, type User } from '#core/platform/process/users.js'
import { homePaths } from './home-paths.js'
import { acquireLock, releaseLock } from './lock.js'

/** The maximum number of homes that are remembered. */
const LIMIT = 200
/** The time within which the disks have to answer where a home is to be forgotten. */
const DISKS_MS = 2000
/** The time to wait for others that write the registry; one that was stopped holds its lock for longer. */
const LOCK_WAIT = { intervalMs: 25, timeoutMs: 2000 }

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
  return path === undefined ? [] : (allRegistered(path) ?? []).filter(isHome)
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

/**
 * Adds a home to the registry of its owner, as that owner, while no other process does: bots that start at the same time
 * would forget each other's. It fails silently: without it `ls` only finds less.
 */
export async function registerHome(clock: Clock, home: string): Promise<void> {
  try {
    const owner = ownerOf(home)
    const path = registryOf(owner)
    if (path === undefined || actingAs(owner, () => listed(path)?.at(-1) === home)) return
    const lock = `${path}.lock`
    const mine = { ...thisProcess(), instance: newInstance() }
    const lockNow = async () =>
      'heldBy' in (await acquireLock(clock, lock, mine, (work) => actingAs(owner, work))) ? undefined : true
    actingAs(owner, () => makeFolder(join(path, '..'), OWNER_FOLDER))
    await pollUntil(clock, LOCK_WAIT, lockNow)
    try {
      const others = actingAs(owner, () => read(path) ?? salvaged(path)).filter((one) => one !== home)
      const forgotten = others.length < LIMIT ? undefined : await toForget(clock, others)
      const homes = [...others.filter((one) => one !== forgotten), home]
      actingAs(owner, () => writeJson(path, { homes } satisfies Registry, OWNER_ONLY))
    } finally {
      actingAs(owner, () => releaseLock(lock, mine))
    }
  } catch {
    // a read-only or full disk, or a user without a folder of its own
  }
}

/**
 * Returns the home to forget for another one: the oldest that is not there, as a try of long ago, else the oldest. One
 * that is there may be watched by the shared watchdog, and one that was unplugged comes back.
 */
async function toForget(clock: Clock, homes: readonly string[]): Promise<string | undefined> {
  return (await within(clock, DISKS_MS, firstGone(homes))) ?? homes[0]
}

async function firstGone(homes: readonly string[]): Promise<string | undefined> {
  for (const home of homes) if (!(await isThere(home).catch(() => true))) return home
  return undefined
}

/** Reads the homes, each once, whatever somebody has written there by hand. */
function read(path: string): readonly string[] | undefined {
  const homes = listed(path)
  return homes && foldersIn(homes)
}

function listed(path: string): readonly string[] | undefined {
  const isWhole = ({ homes }: Record<string, unknown>) =>
    Array.isArray(homes) && homes.every((one) => typeof one === 'string')
  return readJson<Registry>(path, isWhole)?.homes
}

/**
 * Returns the homes that a damaged registry still names, as one in which a comma is missing: the shared watchdog would
 * let go of those that the next one leaves out.
 */
function salvaged(path: string): readonly string[] {
  const quoted = (readText(path) ?? '').match(/"(?:[^"\\\n]|\\.)*"/g) ?? []
  return foldersIn(quoted.map((text) => String(objectIn(`{"home": ${text}}`)?.home)))
}

function foldersIn(paths: readonly string[]): readonly string[] {
  return [...new Set(paths.filter((path) => isAbsolute(path)).map((path) => resolve(path)))].slice(-LIMIT)
}

/** Returns whether a home is still one: its own folder may be read by its owner alone. */
function isHome(home: string): boolean {
  try {
    return isFolder(homePaths(home).own)
  } catch {
    return false // not permitted
  }
}
