import { Flags } from '@oclif/core'
import { installQuestions, mayGetNssm } from '#cli/install-questions.js'
import { asRole, roleArg, ServiceCommand, scopeFlags } from '#cli/service-command.js'
import { installText } from '#cli/service-text.js'
import type { InstallResult } from '#core/service/install-all.js'

export default class ServiceInstall extends ServiceCommand {
  static override summary = 'Install the bot, or the watchdog, as a service that starts with the machine.'
  static override description =
    `NSSM on Windows, systemd on Linux, launchd on macOS. On a terminal it asks whether to start now; elsewhere it starts, unless --no-start. Done again, it mends what has changed.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    { description: 'In a script:', command: '<%= config.bin %> <%= command.id %> --with-watchdog --yes' },
    { description: 'See what it would do:', command: '<%= config.bin %> <%= command.id %> --dry-run' },
  ]
  static override args = { role: roleArg }
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
    start: Flags.boolean({ summary: 'Start it now.', default: true, allowNo: true }),
    'dry-run': Flags.boolean({ summary: 'Print exactly what would be written and run, and do nothing.' }),
    yes: Flags.boolean({ char: 'y', summary: 'Answer every question with yes.' }),
  }

  async run(): Promise<{ services: InstallResult[] } | { actions: string[] }> {
    const { args, flags } = await this.parse(ServiceInstall)
    const services = await this.services(flags, {
      sound: true,
      ...(await this.password(flags.account)),
      mayGetNssm: async () => !flags['dry-run'] && mayGetNssm(flags.yes),
    })
    const { thisInstallation } = await import('#core/service/installation.js')
    const { accountFor, dryRun, installAll, planAll } = await import('#core/service/install-all.js')
    const roles = flags['with-watchdog'] ? (['bot', 'watchdog'] as const) : [asRole(args.role)]
    const installation = thisInstallation()
    const { account, warnings } = accountFor(services, flags.account)
    const options = { installation, account, name: flags.name, version: this.config.version }
    const plans = await planAll(services, roles, options)
    for (const warning of [...installation.warnings, ...warnings]) this.warn(warning)
    if (flags['dry-run']) {
      const actions = dryRun(services, plans, flags.start)
      this.log(actions.join('\n') || 'Nothing to do: it is installed, and up to date.')
      return { actions }
    }
    const results = await installAll(services, plans, options, installQuestions(flags), this.onWait)
    for (const result of results) this.log(installText(result))
    return { services: results }
  }
}
