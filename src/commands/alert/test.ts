import { Args } from '@oclif/core'
import { BaseCommand } from '#cli/base-command.js'
import { table } from '#cli/table.js'
import { showWait } from '#cli/wait-line.js'
import type { TestedChannel } from '#core/alerts/test-channels.js'
import { alertChannels } from '#core/config/alerts/alert-channels.js'
import { CHANNELS, type ChannelName } from '#core/config/alerts/channel-names.js'
import { readConfig } from '#core/config/load.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { realClock } from '#core/platform/clock.js'

interface AlertTested {
  /** True where each of them was sent. */
  readonly sent: boolean
  readonly channels: readonly TestedChannel[]
}

export default class AlertTest extends BaseCommand {
  static override summary = 'Send a test alert to every alert channel, or to one.'
  static override description =
    `It sends the beginning and the end of an incident: one message that is edited, or two that belong together. A channel that is named is tested also where ALERT_CHANNELS leaves it out.

Exit codes: 0 all were sent; 1 one was not; 78 there is no channel.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> telegram']
  static override args = {
    channel: Args.string({ description: 'The channel. Default: all of ALERT_CHANNELS.', options: [...CHANNELS] }),
  }
  static override enableJsonFlag = true

  async run(): Promise<AlertTested> {
    const { args, flags } = await this.parse(AlertTest)
    const paths = this.pathsToRead(flags)
    const config = readConfig(paths.home, process.env)
    const names = args.channel === undefined ? alertChannels(config.settings) : [args.channel as ChannelName]
    if (names.length === 0) throw noChannel(config.faults.find((fault) => fault.startsWith('ALERT_CHANNELS')))
    const { sendTestAlerts } = await import('#cli/alert/send-test-alerts.js')
    const send = () => sendTestAlerts(realClock, paths, config, names)
    const channels = await showWait('Sending a test alert', send)
    const sent = channels.every((one) => one.sent)
    this.say(table(channels.map(({ channel, why }) => [channel, why === null ? 'sent' : `not sent: ${why}`])))
    process.exitCode = sent ? EXIT.done : EXIT.failed
    return { sent, channels }
  }
}

function noChannel(fault = 'ALERT_CHANNELS is not set'): CatalystError {
  return new CatalystError(`${fault}, so alerts would go nowhere.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: [
      `Set ALERT_CHANNELS in .env to one or more of ${CHANNELS.join(', ')}, and what that channel needs`,
      'For Discord alone, ADMIN_ALERT_WEBHOOK is enough: make a webhook in the settings of a channel',
    ],
  })
}
