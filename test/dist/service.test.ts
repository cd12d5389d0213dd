import { join } from 'node:path'
import { expect } from 'chai'
import { SystemdBox } from '../labs/systemd-box.js'
import { ROOT } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'

const { makeFolder } = await import(join(ROOT, 'scripts/dist/folder.js'))

describe('a service that is installed from the self-contained folder', () => {
  const box = new SystemdBox()
  const FOLDER = '/opt/box/self-contained'

  before(async () => {
    await box.start()
    await makeFolder({
      platform: 'linux',
      arch: 'x64',
      form: 'tarball',
      into: join(box.folder, 'share/self-contained'),
    })
  })

  after(() => box.stop())

  it("runs the folder's node, and keeps it out of the bot's PATH", async () => {
    const home = await box.home('own', {
      '.env': 'BOT_MODULE=bot.mjs\nBOT_NAME=Own\nHEALTH_CHECK_PORT=9123\n',
      'bot.mjs': BOT,
    })
    const catalyst = (words: string) => box.root(`env -i PATH=/usr/bin:/bin HOME=/root ${FOLDER}/catalyst ${words}`)
    await catalyst(`service install --yes --home ${home.inside}`)
    const unit = await box.root('cat /etc/systemd/system/Own.service')
    expect(unit).to.include(`${FOLDER}/runtime/node`).and.include(`${FOLDER}/app/bin/run.js`)
    expect(unit).to.match(/PATH=(?!.*runtime)/)
    const pid = await until(() => home.pid())
    expect(await box.root(`readlink /proc/${pid}/exe`)).to.equal(`${FOLDER}/runtime/node`)
  })
})

const BOT = "export default { name: 'own', cycle() {} }"
