import { Flags } from '@oclif/core'
import { nowFlag } from '#cli/now-flag.js'
import { demandYes } from '#cli/prompts.js'
import { roleArg, ServiceCommand } from '#cli/service/service-command.js'
import { uninstallText } from '#cli/service/service-text.js'
import type { Uninstalled } from '#core/service/operations/uninstall.js'
import { nameOf } from '#core/service/services.js'

export default class ServiceUninstall extends ServiceCommand {
  static override summary = 'Stop and remove the service. Data, logs and settings stay.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = { role: roleArg('Without it: both.') }
  static override flags = {
    now: nowFlag,
    yes: Flags.boolean({ char: 'y', summary: 'Do not ask.' }),
    'dry-run': Flags.boolean({ summary: 'Print exactly what would be run, and do nothing.' }),
  }

  protected override readonly waitsFor = 'until it has stopped'

  async run(): Promise<Uninstalled | { actions: string[] }> {
    const { args, flags } = await this.parse(ServiceUninstall)
    const services = await this.services(flags)
    const { rolesToRemove, uninstallActions, uninstallAll } = await import('#core/service/operations/uninstall.js')
    const { lockServices } = await import('#core/service/services.js')
    const roles = rolesToRemove(services, args.role)
    if (flags['dry-run']) {
      const { shown } = await import('#core/service/action.js')
      const actions = (await uninstallActions(services, roles)).map((action) => shown(action))
      this.log(actions.join('\n') || 'Nothing to do: it is not installed.')
      return { actions }
    }
    const names = roles.map((role) => nameOf(services, role)).join(' and ')
    await demandYes(flags.yes, 'Removing a service', `Stop and remove ${names}?`, false)
    await this.waitForSafeMoment(services, roles, { what: 'The removal', now: flags.now })
    using _lock = await lockServices(services)
    const done = await uninstallAll(services, roles, this.onWait)
    this.say(uninstallText(done, services.paths.home))
    return done
  }
}
