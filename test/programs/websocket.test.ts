import { join } from 'node:path'
import { NODE } from '../support/e2e/process.js'
import { ROOT } from '../support/e2e/root.js'
import { deafProgram } from './deaf-program.js'
import { chattingServer } from './servers/gateway.js'
import { STUCK } from './stuck.js'

deafProgram({
  name: 'a bot on a websocket, by ws',
  serve: chattingServer,
  settings: (address) => ({
    BOT_COMMAND: `${NODE} --import ${STUCK} ${join(ROOT, 'examples', 'websocket', 'bot.mjs')}`,
    GATEWAY_URL: address.replace('http', 'ws'),
  }),
  proof: { BOT_PROOF: 'network' },
})
