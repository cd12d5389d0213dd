import { basename, dirname, join } from 'node:path'
import { actingAs, type User } from '#core/platform/process/users.js'
import { homePaths } from './home-paths.js'
import { readInstalled } from './installed-services.js'
import { registryOf } from './registry.js'

/** The folder of a user's shared watchdog, beside the registry of homes. Its name is how it is told from a home. */
const FOLDER = 'shared-watchdog'

/**
 * Returns the folder with the log, the lock and the service's record of the watchdog that all homes of this user share;
 * undefined where Windows names no folder for it. It is laid out as a home, though it is none.
 */
export function sharedFolderOf(owner: User): string | undefined {
  const registry = registryOf(owner)
  return registry && join(dirname(registry), FOLDER)
}

/** Returns whether this is the folder of a shared watchdog. */
export function isSharedFolder(folder: string): boolean {
  return basename(folder) === FOLDER && basename(dirname(folder)) === 'catalyst'
}

/** Returns the registry with the homes that the shared watchdog of this folder watches. */
export function registryBeside(folder: string): string {
  return join(dirname(folder), 'homes.json')
}

/** Returns the name of the service of the shared watchdog of this owner's homes, if that is installed. */
export function sharedServiceOf(owner: User): string | undefined {
  const folder = sharedFolderOf(owner)
  if (folder === undefined) return undefined
  try {
    return actingAs(owner, () => readInstalled(homePaths(folder)).watchdog?.name)
  } catch {
    return undefined // not permitted, or a file that is damaged
  }
}
