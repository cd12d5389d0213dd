import { chownSync } from 'node:fs'
import { expect } from 'chai'
import { asRoot } from '../../support/e2e/as-nobody.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { BIN } from '../../support/e2e/root.js'

/** A number that no system gives to a user. */
const NAMELESS = 54_321

describe('e2e: a user who is only a number, as in a container', () => {
  const { home: emptyHome, run } = endToEnd()

  for (const args of [
    ['config', 'check'],
    ['status'],
    ['deploy', 'list-tags'],
    ['bot', 'start', '--once', '--dry-run'],
  ])
    asRoot(`can run catalyst ${args.join(' ')}, without a home folder and a shell`, async () => {
      const home = emptyHome({ BOT_MODULE: 'bot.mjs' })
      home.write('bot.mjs', "export default { name: 'b', cycle() {} }")
      for (const path of ['', ...home.allFiles()]) chownSync(home.path(path), NAMELESS, 0)
      const asNumber = `process.setgroups([])
process.setgid(0)
process.setuid(${NAMELESS})
delete process.env.HOME
delete process.env.SHELL
process.argv.splice(1, 0, ${JSON.stringify(BIN)})
require(process.argv[1])`
      const words = ['-e', asNumber, '--', ...args, '--home', home.folder]
      const { stdout, stderr } = await run(process.execPath, words, { folder: home.folder, cwd: '/' }).result()
      expect(stdout + stderr).to.not.match(/ERR_SYSTEM_ERROR|UNEXPECTED/)
    })
})
