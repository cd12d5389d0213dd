import { Args, Flags } from '@oclif/core'
import { canAsk, cancelled, confirm, needsYes } from '#cli/prompts.js'
import { asRole, ServiceCommand } from '#cli/service-command.js'
import { uninstallText } from '#cli/service-text.js'
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

  async run(): Promise<{ removed: Operated[] } | { actions: string[] }> {
    const { args, flags } = await this.parse(ServiceUninstall)
    const services = await this.services(flags, { sound: false })
    const { rolesToRemove, uninstallActions, uninstallAll } = await import('#core/service/uninstall.js')
    const { nameOf } = await import('#core/service/services.js')
    const roles = rolesToRemove(services, args.role === undefined ? undefined : asRole(args.role))
    if (flags['dry-run']) {
      const { shown } = await import('#core/service/action.js')
      const actions = (await uninstallActions(services, roles)).map(shown)
      this.log(actions.join('\n') || 'Nothing to do: it is not installed.')
      return { actions }
    }
    if (!flags.yes) {
      if (!canAsk()) throw needsYes('The service is to be removed.')
      const names = roles.map((role) => nameOf(services, role)).join(' and ')
      if (!(await confirm(`Stop and remove ${names}?`, false))) throw cancelled()
    }
    const removed = await uninstallAll(services, roles, this.config.version, this.onWait)
    for (const one of removed) this.log(uninstallText(one, services.paths.home))
    return { removed }
  }
}
