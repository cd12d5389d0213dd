import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { InstalledServices } from '#core/state/installed.js'
import type { User } from '#core/system/users.js'
import { isElevated } from './elevation.js'
import { getNssm } from './get-nssm.js'
import { launchd } from './launchd.js'
import type { Scope, ServiceManager } from './manager.js'
import { openNssm } from './nssm.js'
import { bySudo, noRight } from './rights.js'
import { stopTimeoutMs } from './spec.js'
import { systemd } from './systemd.js'

/** launchd kills what doesn't end, and then needs a moment to forget it. */
const LAUNCHD_MARGIN_MS = 5000

export interface Choice {
  readonly platform: NodeJS.Platform
  readonly home: string
  readonly settings: Settings
  readonly user: User
  readonly owner: User
  /** Of the account that the service is to run as; Windows only. */
  readonly password?: string | undefined
  /** Asks whether Chocolatey may install NSSM where that is missing; without it nobody asks. */
  readonly mayGetNssm?: (() => Promise<boolean>) | undefined
  /** Asked for by a flag. */
  readonly scope: Scope | undefined
  readonly installed: InstalledServices
}

/**
 * The service manager for this home: that of the machine for root and on Windows, else the user's own; where something
 * is installed already, the one that has it.
 * @throws CatalystError SERVICE_MANAGER_MISSING, NOT_ALLOWED, USAGE
 */
export async function chooseManager(choice: Choice): Promise<ServiceManager> {
  const { platform, home, user, owner, settings, password } = choice
  const scope = scopeFor(choice)
  if (scope === 'user' && user.uid !== owner.uid) {
    const why = `A user's service is that of the home's owner, ${owner.name}, and of nobody else.`
    throw noRight(why, bySudo(home, { as: owner.name }))
  }
  switch (platform) {
    case 'linux':
      return systemd({ scope, home, user })
    case 'darwin':
      return launchd({ scope, home, user, stopMs: stopTimeoutMs(settings) + LAUNCHD_MARGIN_MS })
    case 'win32':
      if (choice.mayGetNssm && (await isElevated()) !== false)
        await getNssm(settings.NSSM_PATH, process.env, owner, choice.mayGetNssm)
      return openNssm({ home, settings, password })
    default:
      throw new CatalystError(`There is no service manager that catalyst knows on ${platform}.`, {
        code: 'SERVICE_MANAGER_MISSING',
        exit: EXIT.failed,
        suggestions: ['Let it run in the foreground: catalyst bot start'],
      })
  }
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
      suggestions: [`Leave --${scope} out`, 'Or move it: catalyst service uninstall, then install it anew'],
    })
  }
  return scope ?? known ?? (user.uid === 0 ? 'system' : 'user')
}
