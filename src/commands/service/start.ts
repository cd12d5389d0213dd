import { roleArg, ServiceCommand } from '#cli/service-command.js'
import { runsText } from '#cli/service-text.js'
import type { Operated } from '#core/service/operate.js'

export default class ServiceStart extends ServiceCommand {
  static override summary = 'Start the installed service, and wait until it works.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = { role: roleArg('Default: bot.') }

  async run(): Promise<Operated> {
    const { args, flags } = await this.parse(ServiceStart)
    const services = await this.services(flags, { sound: true })
    const { exclusively } = await import('#core/service/exclusively.js')
    const { startService } = await import('#core/service/operate.js')
    const { name, already, pid } = await exclusively(services, () =>
      startService(services, args.role ?? 'bot', this.onWait),
    )
    this.say(runsText(name, pid, already ? 'runs already' : 'runs'))
    return { name, already, pid }
  }
}
