import { Flags } from '@oclif/core'
import { loadFullConfig } from '#bots/config.js'
import { nowFlag } from '#cli/now-flag.js'
import { installQuestions, mayGetNssm } from '#cli/service/install-questions.js'
import { roleArg, ServiceCommand, scopeFlags } from '#cli/service/service-command.js'
import { installText } from '#cli/service/service-text.js'
import { whyNoBot } from '#core/bot/built-in.js'
import { registerHome } from '#core/home/registry.js'
import type { InstallResult } from '#core/service/operations/install-all.js'

export default class ServiceInstall extends ServiceCommand {
  static override summary = 'Install the bot, or the watchdog, as a service that starts with the machine.'
  static override description =
    `NSSM on Windows, systemd on Linux, launchd on macOS. On a terminal it asks whether to start now; elsewhere it starts, unless --no-start. Run again, it repairs what has changed.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'In a script:', command: '<%= config.bin %> <%= command.id %> --with-watchdog --yes' },
    { description: 'See what it would do:', command: '<%= config.bin %> <%= command.id %> --dry-run' },
  ]
  static override args = { role: roleArg('Without it: the bot, and with it a watchdog that is installed already.') }
  static override flags = {
    ...scopeFlags,
    name: Flags.string({
      summary: "The service's name, remembered for the home. Default: BOT_NAME.",
      helpValue: 'NAME',
    }),
    account: Flags.string({
      summary:
        'Windows: the account it runs as. Default: LocalSystem. Its password is asked for, or taken from CATALYST_ACCOUNT_PASSWORD.',
      helpValue: 'ACCOUNT',
    }),
    'with-watchdog': Flags.boolean({ summary: 'Install the watchdog beside the bot, and set WATCHDOG_ENABLED=1.' }),
    'no-start': Flags.boolean({ summary: 'Do not start it.' }),
    now: nowFlag,
    'dry-run': Flags.boolean({ summary: 'Print exactly what would be written and run, and do nothing.' }),
    yes: Flags.boolean({
      char: 'y',
      summary: 'Do not ask. Also replaces an entry that was edited by hand, and sets WATCHDOG_ENABLED=1.',
    }),
  }

  protected override readonly waitsFor = 'until it works'

  async run(): Promise<{ services: InstallResult[] } | { actions: string[] }> {
    const { args, flags } = await this.parse(ServiceInstall)
    const { 'dry-run': dry, 'no-start': noStart } = flags
    const password = await this.password(flags.account, dry)
    const services = await this.services(flags, {
      load: loadFullConfig,
      mayBeNew: true,
      password,
      mayGetNssm: async () => !dry && mayGetNssm(flags.yes),
    })
    const { lockServices } = await import('#core/service/services.js')
    const { thisRuntime } = await import('#core/service/runtime.js')
    const { openSettings } = await import('#core/config/open-settings.js')
    const { accountFor } = await import('#core/service/operations/account.js')
    const { coveredBy, dryRun, installAll, planAll, rolesToInstall, rolesToRestart } = await import(
      '#core/service/operations/install-all.js'
    )
    const unnamed = whyNoBot(services.config, services.paths)
    if (unnamed) throw unnamed
    const { account, warnings } = accountFor(services, flags.account)
    const runtime = thisRuntime()
    const open = services.asOwner(() => openSettings(services.paths.home))
    for (const warning of [...runtime.warnings, ...warnings, ...open]) this.warn(warning)
    const roles = rolesToInstall(services, args.role, flags['with-watchdog'])
    const shared = coveredBy(services, roles)
    const wish = { isWatchdogWanted: roles.includes('watchdog') }
    const plan = () =>
      planAll(services, roles, {
        runtime,
        account,
        name: flags.name,
        withPassword: password !== undefined,
      })
    if (dry) {
      const actions = await dryRun(services, await plan(), !noStart, wish)
      this.log(actions.join('\n') || 'Nothing to do: it is installed, and up to date.')
      return { actions }
    }
    const questions = installQuestions(services, { yes: flags.yes, noStart })
    const restarted = noStart ? [] : await rolesToRestart(services, await plan())
    if (restarted.length > 0) await this.waitForSafeMoment(services, restarted, { what: 'The restart', now: flags.now })
    using _lock = await lockServices(services)
    const results = await installAll(services, await plan(), questions, this.onWait, wish)
    await registerHome(services.clock, services.paths.home)
    for (const result of results) this.say(installText(result))
    if (shared !== undefined) this.say(`The shared watchdog ${shared} watches this home: it needs none of its own.`)
    return { services: results }
  }
}
