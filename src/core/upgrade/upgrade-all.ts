import { join } from 'node:path'
import { findHomes } from '#core/condition/find-homes.js'
import type { Config } from '#core/config/load.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { homePaths } from '#core/home/home-paths.js'
import { readInstalled } from '#core/home/installed-services.js'
import type { Clock } from '#core/platform/clock.js'
import { realPath } from '#core/platform/fs/files.js'
import { failureText, run } from '#core/platform/process/processes.js'
import { actingAs, allUsers, currentUser, isRoot, ownerOf, type User } from '#core/platform/process/users.js'
import { knownHomes } from '#core/service/known-homes.js'
import { servicesOfHome } from '#core/service/open-services.js'
import { rolesOf, type ServiceUpgrade, type UpgradeOptions, upgradeHome } from './upgrade-home.js'

/** The longest time for the homes of another user: BOT_BUSY_MAX alone may be a day. */
const OTHER_USER_MS = 26 * 60 * 60_000

/** Reads the settings of a home as its services see them. */
export type Load = (home: string, environment: NodeJS.ProcessEnv) => Config

/** Returns the homes of this machine that have a service which runs this program, as far as this user may see them. */
export function homesToUpgrade(cli: string, homes: readonly string[] = allHomes()): string[] {
  return homes.filter((home) => {
    try {
      return rolesOf(installedIn(home), cli).length > 0
    } catch {
      return false // another user's
    }
  })
}

/** Returns the homes that this user may see; for root also those with a service of another user's own manager. */
function allHomes(): string[] {
  const ofOthers = isRoot() && process.platform === 'linux' ? allUsers().flatMap(homesOf) : []
  return [...new Set([...findHomes(), ...ofOthers])].sort()
}

function homesOf(user: User): string[] {
  try {
    const units = actingAs(user, () => knownHomes(user, 'linux', [join(user.folder, '.config/systemd/user')]))
    return units.flatMap(({ home }) => realPath(home) ?? [])
  } catch {
    return [] // a folder that its user can't read
  }
}

function installedIn(home: string) {
  return actingAs(ownerOf(home), () => readInstalled(homePaths(home)))
}

/**
 * Restarts the services of these homes that still run the program before, one home after the other. The first that does
 * not come up ends it, unless an update is taken back.
 */
export async function upgradeAll(
  clock: Clock,
  homes: readonly string[],
  load: Load,
  options: UpgradeOptions,
): Promise<ServiceUpgrade[]> {
  const results: ServiceUpgrade[] = []
  for (const home of homes) {
    results.push(...(await upgradeOne(clock, home, load, options)))
    const hasFailed = results.some(({ outcome }) => outcome === 'failed')
    if (hasFailed && !options.isBack) break
  }
  return results
}

async function upgradeOne(clock: Clock, home: string, load: Load, options: UpgradeOptions): Promise<ServiceUpgrade[]> {
  try {
    const owner = ownerOf(home)
    const installed = installedIn(home)
    if ((installed.bot ?? installed.watchdog)?.scope === 'user' && owner.uid !== currentUser().uid && isRoot())
      return await upgradeAs(owner, home, options)
    const paths = homePaths(home)
    const config = actingAs(owner, () => load(home, { NSSM_PATH: process.env.NSSM_PATH }))
    return await upgradeHome(await servicesOfHome(clock, paths, config), options)
  } catch (error) {
    // it could not start again with any program, so nothing is to blame on this one
    const isLeft = error instanceof CatalystError && error.exit === EXIT.settings
    const outcome = isLeft ? 'left' : 'failed'
    return [tell(options, { home, name: home, role: 'bot', outcome, why: messageOf(error) })]
  }
}

/** Lets the owner of the home do it: nobody else speaks to a user's own service manager. */
async function upgradeAs(owner: User, home: string, options: UpgradeOptions): Promise<ServiceUpgrade[]> {
  const args = [options.cli, 'service', 'upgrade', '--home', home, '--json', ...(options.isBack ? ['--back'] : [])]
  const env = { PATH: process.env.PATH, HOME: owner.folder, USER: owner.name, LOGNAME: owner.name }
  options.onWait()
  const result = await run(process.execPath, args, { timeoutMs: OTHER_USER_MS, cwd: '/', env, as: owner })
  const services = servicesIn(result.stdout)
  if (services !== undefined) return services.map((one) => tell(options, one))
  return [tell(options, { home, name: home, role: 'bot', outcome: 'failed', why: failureText(result) })]
}

function servicesIn(output: string): ServiceUpgrade[] | undefined {
  try {
    return JSON.parse(output).services
  } catch {
    return undefined
  }
}

function tell({ onDone }: UpgradeOptions, done: ServiceUpgrade): ServiceUpgrade {
  onDone(done)
  return done
}
