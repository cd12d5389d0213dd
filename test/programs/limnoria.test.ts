import fs from 'node:fs'
import { join } from 'node:path'
import { deafProgram } from './deaf-program.js'
import { ircServer, limnoriaConfig } from './servers/irc.js'
import { BOTS } from './stuck.js'

deafProgram({
  name: "Debian's limnoria on Debian's ngircd",
  serve: ircServer,
  settings(address, folder) {
    fs.mkdirSync(join(folder, 'limnoria'))
    fs.writeFileSync(join(folder, 'limnoria', 'bot.conf'), limnoriaConfig(folder, address))
    return { BOT_COMMAND: 'supybot --allow-root limnoria/bot.conf', PYTHONPATH: join(BOTS, 'python') }
  },
  proof: { BOT_PROOF: 'network' },
})
