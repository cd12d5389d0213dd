import { loadFullConfig } from '#bots/config.js'
import { roleArg, ServiceCommand } from '#cli/service/service-command.js'
import { runsText } from '#cli/service/service-text.js'
import type { OperationResult } from '#core/service/operations/start-stop.js'

export default class ServiceStart extends ServiceCommand {
  static override summary = 'Start the installed service, and wait until it works.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = { role: roleArg('Default: bot.') }

  protected override readonly waitsFor = 'until it works'

  async run(): Promise<OperationResult> {
    const { args, flags } = await this.parse(ServiceStart)
    const services = await this.services(flags, { load: loadFullConfig })
    const { lockServices } = await import('#core/service/services.js')
    const { startService } = await import('#core/service/operations/start-stop.js')
    using _lock = await lockServices(services)
    const done = await startService(services, args.role ?? 'bot', this.onWait)
    this.say(runsText(done, done.already ? 'runs already' : 'runs'))
    return done
  }
}
