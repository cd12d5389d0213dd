import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import { askSecret, canAsk } from '#cli/prompts.js'
import { WaitLine } from '#cli/wait-line.js'
import { type Config, readConfig } from '#core/config/load.js'
import { type CatalystError, codeOf } from '#core/errors.js'
import { realClock } from '#core/platform/clock.js'
import { actingAs, isRoot, ownerOf } from '#core/platform/process/users.js'
import type { Role, Scope } from '#core/service/manager.js'
import { asAdministrator, byChown, bySudo, permissionDenied } from '#core/service/rights.js'
import type { Services } from '#core/service/services.js'

/** Makes the argument that names one of a home's services. */
export function roleArg(withoutIt: string) {
  return Args.option({ description: `bot or watchdog. ${withoutIt}`, options: ['bot', 'watchdog'] as const })()
}

/** The flags that choose a service manager, if the platform has both. */
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

/** The base of the commands on services. */
export abstract class ServiceCommand extends BaseCommand {
  static override enableJsonFlag = true

  /**
   * Returns the services of the home. A service has only `.env`, not this terminal's environment, so only that is read.
   * `load` reads it: with faults in it a person can still ask for the status and stop, but not install or start.
   */
  protected async services(
    flags: ServiceFlags,
    options: {
      load?: (home: string, environment: NodeJS.ProcessEnv) => Config
      mayBeNew?: boolean
      password?: string | undefined
      mayGetNssm?: () => Promise<boolean>
    } = {},
  ): Promise<Services> {
    const paths = this.paths(flags, { mayBeNew: options.mayBeNew ?? false })
    const { load = readConfig, password, mayGetNssm } = options
    const { servicesOfHome } = await import('#core/service/open-services.js')
    const config = actingAs(ownerOf(paths.home), () => load(paths.home, { NSSM_PATH: process.env.NSSM_PATH }))
    return servicesOfHome(realClock, paths, config, { scope: scopeOf(flags), password, mayGetNssm })
  }

  /** Returns the password of an account on Windows: from the environment, else by asking; for a dry run any will do. */
  protected async password(account: string | undefined, dry: boolean): Promise<string | undefined> {
    if (account === undefined || process.platform !== 'win32') return undefined
    const { needsPassword } = await import('#core/service/nssm/nssm-args.js')
    if (!needsPassword(account)) return undefined
    const { CATALYST_ACCOUNT_PASSWORD: password } = process.env
    delete process.env.CATALYST_ACCOUNT_PASSWORD // no program that we start may see it
    if (dry) return password || '********'
    return (password ?? (canAsk() ? await askSecret(`Password of ${account}:`) : undefined)) || undefined
  }

  /**
   * Waits for a bot that is busy, before its service is stopped or restarted. Nothing is locked meanwhile. `what` is the
   * operation in words, such as `The restart`.
   */
  protected async waitForSafeMoment(
    services: Services,
    roles: readonly Role[],
    { what, now }: { what: string; now: boolean },
  ): Promise<void> {
    const { stopsBot, waitForBot } = await import('#core/service/operations/wait-for-bot.js')
    if (now || !stopsBot(services, roles)) return
    const onWait = () => this.#line.show('Waiting until the bot is not busy')
    await waitForBot(services, what, { say: (text) => this.logToStderr(text), onWait }).finally(() => this.#line.hide())
    this.#line = new WaitLine()
  }

  /** The end of the wait, to follow "Waiting": `until it works`. */
  protected abstract readonly waitsFor: string

  /** Shows during a wait what is waited for, if a terminal shows it. */
  protected readonly onWait = (): void => this.#line.show(`Waiting ${this.waitsFor}`)

  #line = new WaitLine()

  private async notAllowed(error: Error): Promise<CatalystError> {
    const { flags } = await this.parse(this.ctor)
    const { home } = this.paths(flags as ServiceFlags)
    const remedy =
      process.platform === 'win32' ? asAdministrator(home) : isRoot() ? byChown(home, ownerOf(home).name) : bySudo(home)
    return permissionDenied(`Not permitted: ${error.message}`, remedy)
  }

  override log(message?: string): void {
    this.#line.hide()
    super.log(message)
  }

  override logToStderr(message?: string): void {
    this.#line.hide()
    super.logToStderr(message)
  }

  protected override async catch(error: Parameters<BaseCommand['catch']>[0]): Promise<unknown> {
    this.#line.hide()
    return super.catch(NO_RIGHT.includes(codeOf(error) ?? '') ? await this.notAllowed(error) : error)
  }
}

/** The system's codes for a missing permission to read or write the home. */
const NO_RIGHT = ['EACCES', 'EPERM']

function scopeOf({ user, system }: ServiceFlags): Scope | undefined {
  return system ? 'system' : user ? 'user' : undefined
}
