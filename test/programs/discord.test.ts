import { join } from 'node:path'
import { NODE } from '../support/e2e/process.js'
import { deafProgram } from './deaf-program.js'
import { discordServer } from './servers/gateway.js'
import { BOTS, STUCK } from './stuck.js'

deafProgram({
  name: 'a bot by discord.js',
  serve: discordServer,
  settings: (address) => ({
    BOT_COMMAND: `${NODE} --import ${STUCK} ${join(BOTS, 'discord.mjs')}`,
    DISCORD_API: `${address}/api`,
    DISCORD_BOT: 'MQ.token.of-tests',
  }),
  proof: { BOT_PROOF: 'network' },
})
