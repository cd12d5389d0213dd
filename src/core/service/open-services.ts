import type { Config } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type InstalledServices, readInstalled } from '#core/home/installed-services.js'
import type { Clock } from '#core/platform/clock.js'
import { isInContainer } from '#core/platform/container.js'
import { actingAs, currentUser, ownerOf, type User } from '#core/platform/process/users.js'
import { isBooted, systemd, systemdMissing } from '#core/service/systemd/systemd.js'
import type { Scope, ServiceManager } from './manager.js'
import { bySudo, permissionDenied } from './rights.js'
import { Services } from './services.js'
import { stopTimeoutMs } from './spec.js'

/** Returns the services of the home if its bot is installed as one; undefined if it isn't. */
export async function botServices(clock: Clock, paths: HomePaths, config: Config): Promise<Services | undefined> {
  const installed = actingAs(ownerOf(paths.home), () => readInstalled(paths))
  return installed.bot === undefined ? undefined : servicesOfHome(clock, paths, config, { installed })
}

/**
 * Returns the services of a home on this machine, in the manager that has or will have them.
 * @throws CatalystError of {@link chooseManager}
 */
export async function servicesOfHome(
  clock: Clock,
  paths: HomePaths,
  config: Config,
  options: Partial<Pick<Choice, 'scope' | 'password' | 'mayGetNssm' | 'installed'>> = {},
): Promise<Services> {
  const owner = ownerOf(paths.home)
  const { installed = actingAs(owner, () => readInstalled(paths)) } = options
  const manager = await chooseManager({
    scope: undefined,
    ...options,
    platform: process.platform,
    home: paths.home,
    settings: config.settings,
    user: currentUser(),
    owner,
    installed,
  })
  return new Services({ clock, paths, config, owner, manager })
}

/** The extra time for launchd, which kills what doesn't exit, and then needs a moment to forget it. */
const LAUNCHD_MARGIN_MS = 5000

interface Choice {
  readonly platform: NodeJS.Platform
  readonly home: string
  readonly settings: Settings
  readonly user: User
  readonly owner: User
  /** The password of the account that the service is to run as; Windows only. */
  readonly password?: string | undefined
  /** Asks whether Chocolatey may install NSSM if that is missing; without it nobody is asked. */
  readonly mayGetNssm?: (() => Promise<boolean>) | undefined
  /** The scope given by a flag. */
  readonly scope: Scope | undefined
  readonly installed: InstalledServices
}

/**
 * Returns the service manager for this home: the machine's for root and on Windows, else the user's own; if something
 * is installed already, the one that has it. Only that of this platform is loaded.
 * @throws CatalystError SERVICE_MANAGER_MISSING, NOT_ALLOWED, USAGE
 */
async function chooseManager(choice: Choice): Promise<ServiceManager> {
  const { platform, home, user, owner, settings, password } = choice
  if (platform === 'linux' && !isBooted() && isInContainer()) throw systemdMissing()
  const scope = scopeFor(choice)
  if (scope === 'user' && user.uid !== owner.uid) {
    const why = `Only the home's owner, ${owner.name}, can have a user's service for it.`
    throw permissionDenied(why, bySudo(home, { as: owner.name }))
  }
  switch (platform) {
    case 'linux':
      return systemd({ scope, home, user })
    case 'darwin': {
      const { launchd } = await import('#core/service/launchd/launchd.js')
      return launchd({ scope, home, user, stopMs: stopTimeoutMs(settings) + LAUNCHD_MARGIN_MS })
    }
    case 'win32': {
      const { mayGetNssm } = choice
      if (mayGetNssm) await getNssmIfElevated(settings, owner, mayGetNssm)
      const { openNssm } = await import('#core/service/nssm/nssm.js')
      return openNssm({ home, settings, password })
    }
    default:
      throw new CatalystError(`catalyst knows no service manager on ${platform}.`, {
        code: 'SERVICE_MANAGER_MISSING',
        exit: EXIT.failed,
        suggestions: ['Run it in the foreground: catalyst bot start'],
      })
  }
}

async function getNssmIfElevated(settings: Settings, owner: User, mayGetNssm: () => Promise<boolean>): Promise<void> {
  const { isElevated } = await import('./elevation.js')
  if ((await isElevated()) === false) return
  const { getNssm } = await import('#core/service/nssm/get-nssm.js')
  await getNssm(settings.NSSM_PATH, process.env, owner, mayGetNssm)
}

function scopeFor({ platform, scope, installed, user }: Choice): Scope {
  if (platform === 'win32') {
    if (scope === undefined) return 'system'
    throw new CatalystError(`--${scope} is for Linux and macOS: Windows has one service manager.`, {
      code: 'USAGE',
      exit: EXIT.usage,
    })
  }
  const known = installed.bot?.scope ?? installed.watchdog?.scope
  if (known !== undefined && scope !== undefined && scope !== known) {
    throw new CatalystError(`This home's service is installed with --${known}.`, {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: [`Leave --${scope} out`, 'Or move it: catalyst service uninstall, then install it again'],
    })
  }
  return scope ?? known ?? (user.uid === 0 ? 'system' : 'user')
}

/** Returns whether this machine has a service manager that catalyst knows: a container mostly has none. */
export function hasServiceManager(platform: NodeJS.Platform): boolean {
  return platform === 'linux' ? isBooted() : platform === 'darwin' || platform === 'win32'
}
