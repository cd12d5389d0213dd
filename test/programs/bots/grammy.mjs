// As grammY's own documentation begins: a bot that knows nothing of Catalyst.
import { Bot } from 'grammy'

const bot = new Bot(process.env.TELEGRAM_TOKEN, { client: { apiRoot: process.env.TELEGRAM_API } })
bot.on('message', (ctx) => ctx.reply('hello'))
bot.start()
process.once('SIGTERM', () => bot.stop())
