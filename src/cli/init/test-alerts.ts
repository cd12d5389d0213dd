import { sendTestAlerts } from '#cli/alert/send-test-alerts.js'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import type { Config } from '#core/config/load.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Home } from '#core/home/home.js'

/**
 * Sends a test alert to channels with settings that need not be those of the home yet.
 * @throws CatalystError ALERT_FAILED
 */
export async function testAlertsOf(
  { clock, paths }: Home,
  config: Pick<Config, 'settings' | 'environment'>,
  names: readonly ChannelName[],
): Promise<void> {
  const failed = (await sendTestAlerts(clock, paths, config, names)).filter(({ sent }) => !sent)
  if (failed.length === 0) return
  const why = failed.map(({ channel, why }) => `${channel}: ${why}`).join('; ')
  throw new CatalystError(`The test alert was not sent: ${why}.`, { code: 'ALERT_FAILED', exit: EXIT.failed })
}
