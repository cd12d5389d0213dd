import { roleArg, ServiceCommand } from '#cli/service/service-command.js'
import { statusText } from '#cli/service/service-text.js'
import type { ServiceStatus as Status } from '#core/service/status/status.js'

export default class ServiceStatus extends ServiceCommand {
  static override summary = 'Show the state of the service, and what may keep it from starting.'
  static override description = 'Exit codes: 0 it runs; 1 it does not.'
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']
  static override args = { role: roleArg('Without it: all that are installed.') }

  protected override readonly waitsFor = 'for the service manager'

  async run(): Promise<{ services: Status[] }> {
    const { args, flags } = await this.parse(ServiceStatus)
    const services = await this.services(flags)
    const { rolesToShow, serviceStatus } = await import('#core/service/status/status.js')
    const roles = rolesToShow(services, args.role)
    const all = await Promise.all(roles.map((role) => serviceStatus(services, role)))
    this.say(all.map((status) => statusText(status)).join('\n\n'))
    process.exitCode = all.every(({ state }) => state === 'running') ? 0 : 1
    return { services: all }
  }
}
