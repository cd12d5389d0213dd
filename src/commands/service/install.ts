import { installFlags } from '#cli/install-flags.js'
import { installQuestions, mayGetNssm } from '#cli/install-questions.js'
import { roleArg, ServiceCommand } from '#cli/service-command.js'
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
  static override args = { role: roleArg('Without it: the bot, and with it a watchdog that is installed already.') }
  static override flags = installFlags

  async run(): Promise<{ services: InstallResult[] } | { actions: string[] }> {
    const { args, flags } = await this.parse(ServiceInstall)
    const { 'dry-run': dry, 'no-start': noStart } = flags
    const password = await this.password(flags.account, dry)
    const services = await this.services(flags, {
      sound: true,
      password,
      mayGetNssm: async () => !dry && mayGetNssm(flags.yes),
    })
    const { exclusively } = await import('#core/service/exclusively.js')
    const { thisRuntime } = await import('#core/service/runtime.js')
    const { accountFor } = await import('#core/service/account.js')
    const { dryRun, installAll, planAll } = await import('#core/service/install-all.js')
    const { rolesToInstall } = await import('#core/service/roles.js')
    const { account, warnings } = accountFor(services, flags.account)
    const runtime = thisRuntime()
    for (const warning of [...runtime.warnings, ...warnings]) this.warn(warning)
    const plan = () =>
      planAll(services, rolesToInstall(services, args.role, flags['with-watchdog']), {
        runtime,
        account,
        name: flags.name,
        withPassword: password !== undefined,
      })
    if (dry) {
      const actions = await dryRun(services, await plan(), !noStart)
      this.log(actions.join('\n') || 'Nothing to do: it is installed, and up to date.')
      return { actions }
    }
    const questions = installQuestions(services, { yes: flags.yes, noStart })
    const results = await exclusively(services, async () => installAll(services, await plan(), questions, this.onWait))
    for (const result of results) this.say(installText(result))
    return { services: results }
  }
}
