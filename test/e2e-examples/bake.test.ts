import { expect } from 'chai'
import { SHIPPED, ShippedHome, version } from '../support/deploy/shipped.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { until } from '../support/e2e/until.js'

/** A version that works until somebody says that it crashes. */
const FRAGILE =
  "import fs from 'node:fs'\nsetInterval(() => { if (fs.existsSync('data/crash')) throw new Error('no such price') }, 50)"
/** Five exits, the last two of them after a delay of the start. */
const LOOP_MS = 150_000

describe('a version in a crash loop', () => {
  const { home: newHome } = endToEnd()

  it('is taken back by the watchdog while it bakes, once, and rollbacks lead no more to it', async function () {
    this.timeout(LOOP_MS * 2)
    const shipped = new ShippedHome(newHome({ BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.1', ...SHIPPED }))
    shipped.tag('v1')
    shipped.tag('v2', version('v2', FRAGILE))
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    for (const name of ['v1', 'v2']) expect((await shipped.deploy('run', name, '--yes')).code).to.equal(0)
    expect((await shipped.deploy('info')).stdout).to.match(/^bakes +until .*: a failure takes it back$/m)
    shipped.home.write('data/crash', '')
    await until(() => shipped.active === 'v1' && !shipped.isUnderWay, LOOP_MS)
    await shipped.runs('v1')
    const journal = shipped.home.journal()
    expect(journal.filter(({ kind }) => kind === 'deploy.bake')).to.have.length(1)
    await until(() => shipped.home.journal().some(({ kind, why }) => kind === 'deploy.left' && why === 'failed'))
    const info = JSON.parse((await shipped.deploy('info', '--json')).stdout)
    expect(info.previous).to.include({ tag: 'v2', rating: 'unverified' })
    expect(info.previous.left.why).to.equal('failed')
    expect(info.last_good).to.equal(null)
    expect((await shipped.deploy('rollback', '--last-good', '--yes')).code, 'nothing good is left').to.equal(1)
  })
})
