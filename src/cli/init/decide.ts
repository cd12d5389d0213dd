import { showWait } from '#cli/wait-line.js'
import type { ChannelName } from '#core/config/alerts/channel-names.js'
import { refuseForeignState } from '#core/home/foreign-state.js'
import type { Home } from '#core/home/home.js'
import { existingOf } from '#core/init/existing.js'
import type { Steps } from '#core/init/steps.js'
import { planSettings, refuseFaults } from '#core/init/write-settings.js'
import type { Scope } from '#core/service/manager.js'
import { askAlerts, type SendTest } from './ask-alerts.js'
import { Asker } from './asker.js'
import { type BotFlags, type ChosenBot, findBot } from './find-bot.js'
import { gatherFacts } from './gather-facts.js'
import { existingText, impossibleText } from './init-text.js'
import { askSettings, askSteps, type InitAnswers, type InitFacts, type NewSettings } from './interview.js'

/** All that was found and answered: nothing is written yet. */
export interface Decisions extends NewSettings {
  readonly facts: InitFacts
  readonly bot: ChosenBot | undefined
  /** The alert channels that were answered for. */
  readonly channels: readonly ChannelName[]
  readonly steps: Steps
}

/**
 * Finds the bot of a home and what the home has, and asks for the rest. `send` sends a message to an alert channel. What
 * was found and what can't be is said meanwhile.
 * @throws CatalystError NOT_CONFIRMED, BOT_NOT_FOUND, SETTINGS_INVALID, STATE_REFUSED, ALERT_FAILED; nothing was changed then
 */
export async function decide(
  home: Home,
  flags: BotFlags & InitAnswers & { readonly yes: boolean },
  { scope, send, say }: { scope: Scope | undefined; send: SendTest; say: (text: string) => void },
): Promise<Decisions> {
  const ask = new Asker(flags.yes)
  refuseFaults(home)
  for (const warning of await refuseForeignState(home)) say(`Warning: ${warning}.`)
  const existing = existingOf(home)
  say(existingText(existing))
  const facts = await showWait('Looking at what is here', () => gatherFacts(home, existing, scope))
  const bot = await findBot(ask, { files: facts.files, owner: home.owner, hasBot: existing.hasBot }, flags, say)
  const { settings, asked } = await askSettings(ask, bot, flags, facts)
  planSettings(home.paths.env, existing.text, settings, asked)
  const name = settings.BOT_NAME ?? existing.settings.BOT_NAME
  const sendAs: SendTest = (channel, values) => send(channel, { ...values, ...(name && { BOT_NAME: name }) })
  const alerts = await askAlerts(ask, flags, { existing, settings, asked }, { send: sendAs, say })
  const steps = await askSteps(ask, flags, facts, bot?.isElsewhere ?? false)
  say(impossibleText(facts, steps))
  return {
    facts,
    bot,
    settings: { ...settings, ...alerts.settings },
    asked: new Set([...asked, ...Object.keys(alerts.settings)]),
    channels: alerts.channels,
    steps,
  }
}
