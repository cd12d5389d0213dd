import { factsOf } from '#core/alerts/alert.js'
import { openChannel } from '#core/alerts/channels/open-channel.js'
import { type TestedChannel, testChannels } from '#core/alerts/test-channels.js'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import type { Config } from '#core/config/load.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { homeRedactor } from '#core/incidents/home-redactor.js'
import type { Clock } from '#core/platform/clock.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'

/** Sends a test alert to each of these channels, with settings that need not be those of the home yet. */
export function sendTestAlerts(
  clock: Clock,
  paths: HomePaths,
  { settings, environment }: Pick<Config, 'settings' | 'environment'>,
  names: readonly ChannelName[],
): Promise<TestedChannel[]> {
  useProxiesOf(environment)
  return testChannels(clock, names, {
    open: (name) => openChannel(name, settings, () => clock.now()),
    facts: factsOf(paths, settings),
    redact: homeRedactor(paths, environment),
  })
}
