import { channelFault } from '#core/config/alerts/alert-channels.js'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import type { Settings } from '#core/config/schema.js'
import type { Channel } from './channel.js'
import { discordChannel } from './discord.js'
import { emailChannel } from './email.js'
import { ntfyChannel } from './ntfy.js'
import { slackChannel } from './slack.js'
import { telegramChannel } from './telegram.js'
import { webhookChannel } from './webhook.js'

/**
 * Returns the channel that the settings describe. `wall` returns wall time in ms.
 * @throws an Error that says what it needs
 */
export function openChannel(name: ChannelName, settings: Settings, wall: () => number): Channel {
  const fault = channelFault(name, settings)
  if (fault !== undefined) throw new Error(`${name} ${fault}`)
  const { ALERT_TELEGRAM_API, ALERT_NTFY_TOKEN, ALERT_WEBHOOK_SECRET } = settings
  const value = (setting: string | undefined) => setting ?? '' // what is needed is there: see above
  switch (name) {
    case 'discord':
      return discordChannel(value(settings.ADMIN_ALERT_WEBHOOK))
    case 'telegram':
      return telegramChannel({
        api: ALERT_TELEGRAM_API,
        token: value(settings.ALERT_TELEGRAM_TOKEN),
        chat: value(settings.ALERT_TELEGRAM_CHAT),
      })
    case 'slack':
      return slackChannel(value(settings.ALERT_SLACK_WEBHOOK))
    case 'ntfy':
      return ntfyChannel(value(settings.ALERT_NTFY_URL), ALERT_NTFY_TOKEN)
    case 'webhook':
      return webhookChannel(value(settings.ALERT_WEBHOOK_URL), ALERT_WEBHOOK_SECRET, wall)
    case 'email':
      return emailChannel({
        smtp: value(settings.ALERT_EMAIL_SMTP),
        from: value(settings.ALERT_EMAIL_FROM),
        to: value(settings.ALERT_EMAIL_TO),
      })
  }
}
