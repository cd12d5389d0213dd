import type { Config } from '#core/config/load.js'
import { chooseManager } from '#core/service/choose.js'
import { openServices, type Services } from '#core/service/services.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readInstalled } from '#core/state/installed.js'
import { packageFile } from '#core/system/package.js'
import type { System } from '#core/system/system.js'
import { currentUser, ownerOf } from '#core/system/users.js'

/** The services of the home where its bot is installed as one; undefined where the watchdog keeps the bot itself. */
export async function botServices(system: System, paths: HomePaths, config: Config): Promise<Services | undefined> {
  const installed = readInstalled(paths)
  if (installed.bot === undefined) return undefined
  const owner = ownerOf(paths.home)
  const manager = await chooseManager({
    platform: process.platform,
    home: paths.home,
    settings: config.settings,
    user: currentUser(),
    owner,
    scope: undefined,
    installed,
  })
  return openServices(system, { paths, config, manager, owner })
}

/** How this very installation starts the bot of a home. */
export function botCommand(home: string): [string, ...string[]] {
  return [process.execPath, packageFile('bin', 'run.js'), 'bot', 'start', '--home', home]
}
