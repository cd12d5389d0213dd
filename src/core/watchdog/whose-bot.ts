import type { Config } from '#core/config/load.js'
import { servicesOfHome } from '#core/service/open-home.js'
import type { Services } from '#core/service/services.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readInstalled } from '#core/state/installed.js'
import { packageFile } from '#core/system/package.js'
import type { System } from '#core/system/system.js'
import { actingAs, ownerOf } from '#core/system/users.js'

/** The services of the home where its bot is installed as one; undefined where the watchdog keeps the bot itself. */
export async function botServices(system: System, paths: HomePaths, config: Config): Promise<Services | undefined> {
  const installed = actingAs(ownerOf(paths.home), () => readInstalled(paths))
  return installed.bot === undefined ? undefined : servicesOfHome(system, paths, config)
}

/** How this very installation starts the bot of a home. */
export function botCommand(home: string): [string, ...string[]] {
  return [process.execPath, packageFile('bin', 'run.js'), 'bot', 'start', '--home', home]
}
