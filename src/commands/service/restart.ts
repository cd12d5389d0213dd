import { loadFullConfig } from '#bots/config.js'
import { nowFlag } from '#cli/now-flag.js'
import { roleArg, ServiceCommand } from '#cli/service/service-command.js'
import { runsText } from '#cli/service/service-text.js'
import type { OperationResult } from '#core/service/operations/start-stop.js'

export default class ServiceRestart extends ServiceCommand {
  static override summary = 'Restart the service gracefully, and wait until it works; one that is stopped is started.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override args = { role: roleArg('Default: bot.') }

  static override flags = { now: nowFlag }

  protected override readonly waitsFor = 'until it works again'

  async run(): Promise<OperationResult> {
    const { args, flags } = await this.parse(ServiceRestart)
    const services = await this.services(flags, { load: loadFullConfig })
    const { lockServices } = await import('#core/service/services.js')
    const { restartService } = await import('#core/service/operations/start-stop.js')
    const role = args.role ?? 'bot'
    await this.waitForSafeMoment(services, [role], { what: 'The restart', now: flags.now })
    using _lock = await lockServices(services)
    const done = await restartService(services, role, this.onWait)
    this.say(runsText(done, 'runs again'))
    return done
  }
}
