import { factsOf } from '#core/alerts/alert.js'
import { openChannel } from '#core/alerts/channels/open-channel.js'
import { testChannels } from '#core/alerts/test-channels.js'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import type { Config } from '#core/config/load.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { homeRedactor } from '#core/incidents/home-redactor.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'

/**
 * Sends a test alert to channels with settings that need not be those of the home yet.
 * @throws CatalystError ALERT_FAILED
 */
export async function testAlertsOf(
  { clock, paths }: Home,
  { settings, environment }: Pick<Config, 'settings' | 'environment'>,
  names: readonly ChannelName[],
): Promise<void> {
  useProxiesOf(environment)
  const tested = await testChannels(clock, names, {
    open: (name) => openChannel(name, settings, () => clock.now()),
    facts: factsOf(paths, settings),
    redact: homeRedactor(paths, environment),
  })
  const failed = tested.filter(({ sent }) => !sent)
  if (failed.length === 0) return
  const why = failed.map(({ channel, why }) => `${channel}: ${why}`).join('; ')
  throw new CatalystError(`The test alert was not sent: ${why}.`, { code: 'ALERT_FAILED', exit: EXIT.failed })
}
