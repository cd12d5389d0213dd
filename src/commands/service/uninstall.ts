import { Flags } from '@oclif/core'
import { demandYes } from '#cli/prompts.js'
import { roleArg, ServiceCommand } from '#cli/service-command.js'
import { uninstallText } from '#cli/service-text.js'
import { nameOf } from '#core/service/services.js'
import type { Uninstalled } from '#core/service/uninstall.js'

export default class ServiceUninstall extends ServiceCommand {
  static override summary = 'Stop and remove the service. Data, logs and settings stay.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = { role: roleArg('Without it: both.') }
  static override flags = {
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Print exactly what would be run, and do nothing.' }),
  }

  async run(): Promise<Uninstalled | { actions: string[] }> {
    const { args, flags } = await this.parse(ServiceUninstall)
    const services = await this.services(flags, { sound: false })
    const { uninstallActions, uninstallAll } = await import('#core/service/uninstall.js')
    const { exclusively } = await import('#core/service/exclusively.js')
    const { rolesToRemove } = await import('#core/service/roles.js')
    const roles = rolesToRemove(services, args.role)
    if (flags['dry-run']) {
      const { shown } = await import('#core/service/action.js')
      const actions = (await uninstallActions(services, roles)).map((action) => shown(action))
      this.log(actions.join('\n') || 'Nothing to do: it is not installed.')
      return { actions }
    }
    const names = roles.map((role) => nameOf(services, role)).join(' and ')
    await demandYes(flags.yes, 'Removing a service', `Stop and remove ${names}?`, false)
    const done = await exclusively(services, () => uninstallAll(services, roles, this.onWait))
    this.say(uninstallText(done, services.paths.home))
    return done
  }
}
