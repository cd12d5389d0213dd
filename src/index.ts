import type { Bot } from './core/bot/contract.js'

export type { Bot, BotContext, BotLog, CycleBot, CycleReport, LogLine, StartStopBot } from './core/bot/contract.js'

/** Gives a bot module its types: `export default defineBot({ name, async cycle(ctx) { … } })`. It changes nothing. */
export function defineBot<T extends Bot>(bot: T): T {
  return bot
}
