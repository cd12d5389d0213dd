import { BaseCommand } from '#cli/base-command.js'
import { readConfig } from '#core/config/load.js'
import { realClock } from '#core/platform/clock.js'

export default class WatchdogTestAlert extends BaseCommand {
  static override summary = 'Send a message to ADMIN_ALERT_WEBHOOK and edit it, as an incident does.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true

  async run(): Promise<{ sent: true }> {
    const { flags } = await this.parse(WatchdogTestAlert)
    const paths = this.pathsToRead(flags)
    const { sendTestAlert } = await import('#core/alerts/send-test-alert.js')
    await sendTestAlert(realClock, paths, readConfig(paths.home, process.env))
    this.log('The message was sent and edited: check the channel.')
    return { sent: true }
  }
}
