import { registeredHomes, registryPath } from '#core/home/registry.js'
import { isSharedFolder } from '#core/home/shared-watchdog.js'
import { isFolder, realPath } from '#core/platform/fs/files.js'
import { linuxCommandLines } from '#core/platform/process/linux/proc.js'
import { currentUser } from '#core/platform/process/users.js'
import { knownHomes } from '#core/service/known-homes.js'

/** Returns the homes of this machine that this user may see: those with a service, those with a bot, those remembered. */
export function findHomes(): string[] {
  const user = currentUser()
  return distinct([
    ...registeredHomes(registryPath(user)),
    ...knownHomes(user).map(({ home }) => home),
    ...(process.platform === 'linux' ? linuxCommandLines().flatMap((words) => homeOf(words) ?? []) : []),
  ])
}

/** Returns the home that a command line of a bot or a watchdog names. */
export function homeOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word, index) => /^(bot start|watchdog run)$/.test(`${word} ${words[index + 1]}`))
  const isOurs = at > 0 && /(?:run\.js|catalyst)$/.test(words[at - 1] as string)
  const named = words.indexOf('--home')
  const home = isOurs && named > at ? words[named + 1] : undefined
  return home !== undefined && isSharedFolder(home) ? undefined : home
}

/** Returns folders that are there, each once, whatever the path by which it was named. */
function distinct(homes: readonly string[]): string[] {
  const real = homes.filter((home) => isFolderForUs(home)).map((home) => realPath(home) ?? home)
  return [...new Set(real)].sort()
}

function isFolderForUs(home: string): boolean {
  try {
    return isFolder(home)
  } catch {
    return false // not permitted
  }
}
