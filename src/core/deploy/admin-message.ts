import { within } from '#core/system/clock.js'
import { AdminMessages } from '#core/watchdog/admin-messages.js'
import { plainEmbed } from '#core/watchdog/embed.js'
import { factsOf } from '#core/watchdog/facts.js'
import type { DeployHome } from './deploy-home.js'

/** A webhook that doesn't answer holds nobody up for longer. */
const PATIENCE_MS = 15_000

/** Tells the admin, if there is a webhook; that it can't be told is only a warning. */
export async function tellAdmin(
  { clock, paths, settings, redact, asOwner }: DeployHome,
  message: { title: string; description: string; isGood: boolean; lookFurther: string },
  onWarning: (text: string) => void,
): Promise<void> {
  const messages = new AdminMessages(clock, {
    webhook: settings.ADMIN_ALERT_WEBHOOK,
    known: {},
    onSent: () => {},
    onFault: (why) => why !== undefined && onWarning(`The admin can't be told: ${redact(why)}`),
  })
  const facts = asOwner(() => factsOf(paths, settings))
  messages.show('deployment', plainEmbed({ ...message, description: redact(message.description) }, facts))
  await within(clock, PATIENCE_MS, messages.sent())
  messages.close()
}
