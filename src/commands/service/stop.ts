import { roleArg, ServiceCommand } from '#cli/service-command.js'
import { stopText } from '#cli/service-text.js'
import type { Operated } from '#core/service/operate.js'

export default class ServiceStop extends ServiceCommand {
  static override summary = 'Stop the service gracefully; it stays installed.'
  static override description =
    'The watchdog leaves it alone from then on. It starts again with `service start`, or with the machine.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = { role: roleArg('Default: bot.') }

  async run(): Promise<Operated> {
    const { args, flags } = await this.parse(ServiceStop)
    const services = await this.services(flags, { sound: false })
    const { exclusively } = await import('#core/service/exclusively.js')
    const { stopService } = await import('#core/service/operate.js')
    const done = await exclusively(services, () => stopService(services, args.role ?? 'bot', this.onWait))
    this.say(stopText(done))
    return done
  }
}
