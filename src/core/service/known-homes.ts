import { join } from 'node:path'
import { isSharedFolder } from '#core/home/shared-watchdog.js'
import { listFolder, readText } from '#core/platform/fs/files.js'
import { kindAt } from '#core/platform/fs/links.js'
import { isReadable } from '#core/platform/fs/permissions.js'
import type { User } from '#core/platform/process/users.js'
import { homeOfPlist } from '#core/service/launchd/launchd-plist.js'
import { homeOfUnit } from '#core/service/systemd/systemd-unit.js'

/** A home with one of its services. */
export interface KnownHome {
  readonly name: string
  readonly home: string
}

/** Returns the folders with the files of services: the machine's and the user's own. */
function foldersOf({ folder }: User, platform: NodeJS.Platform): string[] {
  switch (platform) {
    case 'linux':
      return ['/etc/systemd/system', join(folder, '.config/systemd/user')]
    case 'darwin':
      return ['/Library/LaunchDaemons', join(folder, 'Library/LaunchAgents')]
    default:
      return [] // Windows keeps them in its registry, where each costs a process
  }
}

/** Returns the homes that have a service on this machine, as far as the files of services tell; no manager is asked. */
export function knownHomes(
  user: User,
  platform: NodeJS.Platform = process.platform,
  folders = foldersOf(user, platform),
): KnownHome[] {
  const found = new Map<string, KnownHome>()
  for (const folder of folders) {
    for (const file of listFolder(folder)) {
      const path = join(folder, file)
      const [, name] = /^(?:catalyst\.)?(.+?)(?:-watchdog)?\.(?:service|plist)$/.exec(file) ?? []
      if (name === undefined || kindAt(path) !== 'file' || !isReadable(path)) continue
      const text = readText(path) ?? ''
      const home = platform === 'darwin' ? homeOfPlist(text, file.replace(/\.plist$/, '')) : homeOfUnit(text)
      if (home !== undefined && !isSharedFolder(home) && !found.has(home)) found.set(home, { name, home })
    }
  }
  return [...found.values()]
}
