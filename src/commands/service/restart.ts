import { roleArg, ServiceCommand } from '#cli/service-command.js'
import { runsText } from '#cli/service-text.js'
import type { Operated } from '#core/service/operate.js'

export default class ServiceRestart extends ServiceCommand {
  static override summary = 'Restart the service gracefully, and wait until it works; one that is stopped is started.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = { role: roleArg('Default: bot.') }

  async run(): Promise<Operated> {
    const { args, flags } = await this.parse(ServiceRestart)
    const services = await this.services(flags, { sound: true })
    const { exclusively } = await import('#core/service/exclusively.js')
    const { restartService } = await import('#core/service/operate.js')
    const done = await exclusively(services, () => restartService(services, args.role ?? 'bot', this.onWait))
    this.say(runsText(done.name, done.pid, 'runs again'))
    return done
  }
}
