import { nowFlag } from '#cli/now-flag.js'
import { roleArg, ServiceCommand } from '#cli/service/service-command.js'
import { stopText } from '#cli/service/service-text.js'
import type { OperationResult } from '#core/service/operations/start-stop.js'

export default class ServiceStop extends ServiceCommand {
  static override summary = 'Stop the service gracefully; it stays installed.'
  static override description =
    'The watchdog leaves it alone from then on. It starts again with `service start`, or with the machine.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = { role: roleArg('Default: bot.') }

  static override flags = { now: nowFlag }

  protected override readonly waitsFor = 'until it has stopped'

  async run(): Promise<OperationResult> {
    const { args, flags } = await this.parse(ServiceStop)
    const services = await this.services(flags)
    const { lockServices } = await import('#core/service/services.js')
    const { stopService } = await import('#core/service/operations/start-stop.js')
    const role = args.role ?? 'bot'
    await this.waitForSafeMoment(services, [role], { what: 'The stop', now: flags.now })
    using _lock = await lockServices(services)
    const done = await stopService(services, role, this.onWait)
    this.say(stopText(done))
    return done
  }
}
