import type { Config } from '#core/config/load.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readInstalled } from '#core/state/installed.js'
import type { Clock } from '#core/system/clock.js'
import { actingAs, currentUser, ownerOf } from '#core/system/users.js'
import { type Choice, chooseManager } from './choose.js'
import { openServices, type Services } from './services.js'

/** The services of the home where its bot is installed as one; undefined where it isn't. */
export async function botServices(clock: Clock, paths: HomePaths, config: Config): Promise<Services | undefined> {
  const installed = actingAs(ownerOf(paths.home), () => readInstalled(paths))
  return installed.bot === undefined ? undefined : servicesOfHome(clock, paths, config)
}

/**
 * The services of a home on this machine, in the manager that has or is to have them.
 * @throws CatalystError of {@link chooseManager}
 */
export async function servicesOfHome(
  clock: Clock,
  paths: HomePaths,
  config: Config,
  wishes: Partial<Pick<Choice, 'scope' | 'password' | 'mayGetNssm'>> = {},
): Promise<Services> {
  const owner = ownerOf(paths.home)
  const manager = await chooseManager({
    scope: undefined,
    ...wishes,
    platform: process.platform,
    home: paths.home,
    settings: config.settings,
    user: currentUser(),
    owner,
    installed: actingAs(owner, () => readInstalled(paths)),
  })
  return openServices(clock, { paths, config, manager, owner })
}
