import { Args, Flags } from '@oclif/core'
import { canAsk, cancelled, confirm, needsYes } from '#cli/prompts.js'
import { asRole, ServiceCommand } from '#cli/service-command.js'
import type { Operated } from '#core/service/operate.js'

export default class ServiceUninstall extends ServiceCommand {
  static override summary = 'Stop and remove the service. Data, logs and settings stay.'
  static override description = "Without an argument it removes the watchdog's service, too."
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = { role: Args.string({ summary: 'bot or watchdog.', options: ['bot', 'watchdog'] }) }
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Print exactly what would be run, and do nothing.' }),
  }

  async run(): Promise<{ removed: Operated[] }> {
    const { args, flags } = await this.parse(ServiceUninstall)
    const services = await this.services(flags, { sound: false })
    const { uninstallActions, uninstallService } = await import('#core/service/uninstall.js')
    const { refreshBot } = await import('#core/service/install-all.js')
    const { shown } = await import('#core/service/action.js')
    const installed = services.installed()
    // the watchdog first: it would bring the bot back
    const roles = args.role
      ? [asRole(args.role)]
      : [...(installed.watchdog ? ['watchdog' as const] : []), 'bot' as const]
    if (flags['dry-run']) {
      for (const role of roles) for (const action of await uninstallActions(services, role)) this.log(shown(action))
      return { removed: [] }
    }
    if (!flags.yes) {
      if (!canAsk()) throw needsYes('The service is to be removed.')
      if (!(await confirm(`Stop and remove the ${roles.join(' and the ')}'s service?`, false))) throw cancelled()
    }
    const removed: Operated[] = []
    for (const role of roles) {
      const done = await uninstallService(services, role, this.onWait)
      this.log(
        done.already
          ? `${done.name} was not installed.`
          : `${done.name} is removed. ${services.paths.home} stays as it is.`,
      )
      removed.push(done)
    }
    if (!roles.includes('bot')) await refreshBot(services, this.config.version)
    return { removed }
  }
}
