import { BaseCommand } from '#cli/base-command.js'
import { readConfig } from '#core/config/load.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { realClock } from '#core/platform/clock.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'

export default class WatchdogTestAlert extends BaseCommand {
  static override summary = 'Send a message to ADMIN_ALERT_WEBHOOK and edit it, as an incident does.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true

  async run(): Promise<{ sent: true }> {
    const { flags } = await this.parse(WatchdogTestAlert)
    const paths = this.pathsToRead(flags)
    const { settings, environment } = readConfig(paths.home, process.env)
    const webhook = settings.ADMIN_ALERT_WEBHOOK
    if (webhook === undefined) {
      throw new CatalystError('ADMIN_ALERT_WEBHOOK is not set, so alerts would go nowhere.', {
        code: 'SETTINGS_INVALID',
        exit: EXIT.settings,
        suggestions: ['Make a webhook in the settings of a Discord channel, and put its address into .env'],
      })
    }
    useProxiesOf(environment)
    const { embedOf, tryMessages } = await import('#core/alerts/discord.js')
    const { factsOf, testAlert } = await import('#core/alerts/alert.js')
    const facts = factsOf(paths, settings)
    const embed = (isEdited: boolean) => embedOf(testAlert(isEdited, facts), realClock.now())
    await tryMessages(webhook, embed(false), embed(true))
    this.log('The message was sent and edited: check the channel.')
    return { sent: true }
  }
}
