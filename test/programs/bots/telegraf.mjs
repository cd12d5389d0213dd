// As telegraf's own documentation begins: a bot that knows nothing of Catalyst.
import { Telegraf } from 'telegraf'

const bot = new Telegraf(process.env.TELEGRAM_TOKEN, { telegram: { apiRoot: process.env.TELEGRAM_API } })
bot.on('message', (ctx) => ctx.reply('hello'))
bot.launch()
process.once('SIGTERM', () => bot.stop('SIGTERM'))
