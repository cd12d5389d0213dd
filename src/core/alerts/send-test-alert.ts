import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'
import { factsOf, testAlert } from './alert.js'
import { embedOf, tryMessages } from './discord.js'

/**
 * Sends a message to the alert channel of these settings and edits it, as an incident does.
 * @throws CatalystError SETTINGS_INVALID where there is no channel, ALERT_FAILED
 */
export async function sendTestAlert(
  clock: Clock,
  paths: HomePaths,
  { settings, environment }: { settings: Settings; environment: Readonly<Record<string, string>> },
): Promise<void> {
  const webhook = settings.ADMIN_ALERT_WEBHOOK
  if (webhook === undefined) {
    throw new CatalystError('ADMIN_ALERT_WEBHOOK is not set, so alerts would go nowhere.', {
      code: 'SETTINGS_INVALID',
      exit: EXIT.settings,
      suggestions: ['Make a webhook in the settings of a Discord channel, and put its address into .env'],
    })
  }
  useProxiesOf(environment)
  const facts = factsOf(paths, settings)
  const embed = (isEdited: boolean) => embedOf(testAlert(isEdited, facts), clock.now())
  await tryMessages(webhook, embed(false), embed(true))
}
