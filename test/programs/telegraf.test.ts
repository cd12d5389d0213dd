import { join } from 'node:path'
import { NODE } from '../support/e2e/process.js'
import { deafProgram } from './deaf-program.js'
import { telegramServer } from './servers/telegram.js'
import { BOTS, STUCK } from './stuck.js'

deafProgram({
  name: 'a bot by telegraf',
  serve: telegramServer,
  settings: (address) => ({
    BOT_COMMAND: `${NODE} --import ${STUCK} ${join(BOTS, 'telegraf.mjs')}`,
    TELEGRAM_API: address,
    TELEGRAM_TOKEN: '1:token-of-tests',
  }),
  proof: { BOT_PROOF: 'network' },
})
