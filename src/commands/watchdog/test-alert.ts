import { BaseCommand } from '#cli/base-command.js'
import { readConfig } from '#core/config/load.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { actingAs, ownerOf } from '#core/system/users.js'

export default class WatchdogTestAlert extends BaseCommand {
  static override summary = 'Send a message to ADMIN_ALERT_WEBHOOK and edit it, as an incident would.'
  static override examples = ['<%= config.bin %> <%= command.id %>']
  static override enableJsonFlag = true

  async run(): Promise<{ sent: true }> {
    const { flags } = await this.parse(WatchdogTestAlert)
    const paths = this.paths(flags)
    const { settings } = actingAs(ownerOf(paths.home), () => readConfig(paths.home, process.env))
    const webhook = settings.ADMIN_ALERT_WEBHOOK
    if (webhook === undefined) {
      throw new CatalystError('ADMIN_ALERT_WEBHOOK is not set, so nobody would be told.', {
        code: 'SETTINGS_INVALID',
        exit: EXIT.settings,
        suggestions: ['Make a webhook in the settings of a Discord channel, and put its address into .env'],
      })
    }
    const { tryMessages } = await import('#core/watchdog/admin-messages.js')
    const { testEmbed } = await import('#core/watchdog/embed.js')
    const { factsOf } = await import('#core/watchdog/facts.js')
    const facts = factsOf(paths, settings)
    await tryMessages(webhook, testEmbed(false, facts), testEmbed(true, facts))
    this.log('The message was made and edited: look into the channel.')
    return { sent: true }
  }
}
