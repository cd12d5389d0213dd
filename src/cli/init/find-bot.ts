import { resolve } from 'node:path'
import type { BotFiles } from '#core/init/bot-files.js'
import type { FoundBot } from '#core/init/found-bot.js'
import type { User } from '#core/platform/process/users.js'
import type { Asker } from './asker.js'
import { chooseBot, choosePm2App } from './choose-bot.js'
import { foundText } from './init-text.js'

/** The flags that say which bot it is. */
export interface BotFlags {
  readonly command?: string | undefined
  readonly module?: string | undefined
  readonly 'from-pm2': boolean
  readonly app?: string | undefined
  readonly 'pm2-list'?: string | undefined
}

/** A bot with its line in `.env`; of pm2 also the file with its pid while it runs there. */
export type ChosenBot = FoundBot & {
  readonly line: string
  readonly pm2?: { name: string; pidFile: string | undefined }
}

/** Returns the bot that is to run; undefined where `.env` has one already, or names a module. */
export async function findBot(
  ask: Asker,
  { files, owner, hasBot }: { files: BotFiles; owner: User; hasBot: boolean },
  flags: BotFlags,
  say: (text: string) => void,
): Promise<ChosenBot | undefined> {
  if (flags.module !== undefined) return undefined
  if (flags['from-pm2']) {
    const { dumpPath, readPm2Apps } = await import('#core/init/pm2/read-apps.js')
    const list = flags['pm2-list']
    const apps = readPm2Apps(list === undefined ? dumpPath(owner.folder, process.env) : resolve(list))
    const bot = await choosePm2App(ask, apps, files, flags.app)
    say(foundText(bot, bot.line))
    return bot
  }
  if (hasBot && flags.command === undefined) return undefined
  const bot = await chooseBot(ask, files, flags, say)
  say(foundText(bot, bot.line))
  return bot
}
