import { Args, Flags } from '@oclif/core'
import { loadConfig, readConfig } from '#core/config/load.js'
import { type CatalystError, codeOf } from '#core/errors.js'
import type { Scope } from '#core/service/manager.js'
import { asAdministrator, byChown, bySudo, noRight } from '#core/service/rights.js'
import type { Services } from '#core/service/services.js'
import { realClock } from '#core/system/clock.js'
import { actingAs, isRoot, ownerOf } from '#core/system/users.js'
import { BaseCommand } from './base-command.js'
import { askSecret, canAsk } from './prompts.js'

/** Which of a home's services is meant. */
export function roleArg(withoutIt: string) {
  return Args.option({ description: `bot or watchdog. ${withoutIt}`, options: ['bot', 'watchdog'] as const })()
}

/** Whose service manager is meant, where the platform has both. */
export const scopeFlags = {
  user: Flags.boolean({
    summary: 'Linux, macOS: your own service manager. Default, unless you are root.',
    exclusive: ['system'],
  }),
  system: Flags.boolean({
    summary: "Linux, macOS: the machine's service manager. Default for root.",
    exclusive: ['user'],
  }),
}

interface ServiceFlags {
  readonly home?: string | undefined
  readonly user?: boolean
  readonly system?: boolean
}

/** What the commands on services share. */
export abstract class ServiceCommand extends BaseCommand {
  static override enableJsonFlag = true

  /**
   * The services of the home. A service has only `.env`, not this terminal's environment, so only that is read; with
   * faults in it one can still ask and stop, but not install or start.
   */
  protected async services(
    flags: ServiceFlags,
    options: { sound: boolean; password?: string | undefined; mayGetNssm?: () => Promise<boolean> },
  ): Promise<Services> {
    const paths = this.paths(flags)
    const read = options.sound ? loadConfig : readConfig
    const { servicesOfHome } = await import('#core/service/open-home.js')
    const config = actingAs(ownerOf(paths.home), () => read(paths.home, { NSSM_PATH: process.env.NSSM_PATH }))
    const { password, mayGetNssm } = options
    return servicesOfHome(realClock, paths, config, { scope: scopeOf(flags), password, mayGetNssm })
  }

  /** The password of an account on Windows: from the environment, else asked for; for a dry run any will do. */
  protected async password(account: string | undefined, dry: boolean): Promise<string | undefined> {
    if (account === undefined || process.platform !== 'win32') return undefined
    const { needsPassword } = await import('#core/service/nssm-args.js')
    if (!needsPassword(account)) return undefined
    const { CATALYST_ACCOUNT_PASSWORD: password } = process.env
    delete process.env.CATALYST_ACCOUNT_PASSWORD // no program that we start is to see it
    if (dry) return password || '********'
    return (password ?? (canAsk() ? await askSecret(`Password of ${account}:`) : undefined)) || undefined
  }

  /** Shows that it is not dead while it waits, where somebody looks. */
  protected readonly onWait = (): void => {
    const now = performance.now()
    if (process.stderr.isTTY !== true || now - this.shownAt < 500) return
    this.shownAt = now
    process.stderr.write('.')
  }

  private shownAt = 0

  /** What is said next stands on a line of its own. */
  private endWait(): void {
    if (this.shownAt > 0) process.stderr.write('\r\u001B[K')
    this.shownAt = 0
  }

  private async notAllowed(error: Error): Promise<CatalystError> {
    const { flags } = await this.parse(this.ctor)
    const { home } = this.paths(flags as ServiceFlags)
    const wayOut =
      process.platform === 'win32' ? asAdministrator(home) : isRoot() ? byChown(home, ownerOf(home).name) : bySudo(home)
    return noRight(`You may not do this: ${error.message}`, wayOut)
  }

  override log(message?: string): void {
    this.endWait()
    super.log(message)
  }

  protected override async catch(error: Parameters<BaseCommand['catch']>[0]): Promise<unknown> {
    this.endWait()
    return super.catch(NO_RIGHT.includes(codeOf(error) ?? '') ? await this.notAllowed(error) : error)
  }
}

/** What the system says to whoever may not read or write the home. */
const NO_RIGHT = ['EACCES', 'EPERM']

function scopeOf({ user, system }: ServiceFlags): Scope | undefined {
  return system ? 'system' : user ? 'user' : undefined
}
