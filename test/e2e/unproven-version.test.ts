import { expect } from 'chai'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { aHome } from '../support/builders/home.js'
import { SHIPPED, ShippedHome } from '../support/deploy/shipped.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { NODE } from '../support/e2e/process.js'
import { until } from '../support/e2e/until.js'

const REPORTS = `setInterval(() => fetch(process.env.CATALYST_REPORT_URL + '/cycle', { method: 'POST' }).catch(() => {}), 200)`
const SAYS_NOTHING = `setInterval(() => {}, 1000)`

describe('e2e: a version that proves nothing', () => {
  const { home: newHome } = endToEnd()

  it('while the one before did is held at the gate, and taken where that is accepted', async function () {
    this.timeout(120_000)
    const settings = { ...SHIPPED, BOT_COMMAND: `${NODE} bot.mjs`, BOT_START_TIMEOUT: '6' }
    const shipped = new ShippedHome(newHome(settings))
    shipped.tag('v1', { 'bot.mjs': `${REPORTS} // v1` })
    shipped.tag('v2', { 'bot.mjs': `${SAYS_NOTHING} // v2` })
    shipped.tag('v3', { 'bot.mjs': `${SAYS_NOTHING} // v3` })
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    const first = await shipped.deploy('run', 'v1', '--yes')
    expect(first.code, first.stderr).to.equal(0)
    await until(async () => (await shipped.home.health()).proof === 'report')
    const { body: metrics } = await shipped.home.ask('/metrics')
    expect(metrics).to.match(/^catalyst_release_info\{[^}]*release="v1-\w+"[^}]*rating="good"/m)
    const held = await shipped.deploy('run', 'v2', '--yes')
    expect(held.code).to.equal(1)
    expect(held.stderr).to.include(
      'v2 did not go live: after 6 s it had proven only that its process lives, and the version before proved that it works (report)',
    )
    expect(held.stderr).to.match(/v1-\w+ is back, and healthy/)
    expect(held.stderr).to.match(/catalyst deploy run .*--accept-no-proof/)
    await shipped.runs('v1')
    const accepted = await shipped.deploy('run', 'v2', '--yes', '--accept-no-proof')
    expect(accepted.code, accepted.stderr).to.equal(0)
    const next = await shipped.deploy('run', 'v3', '--yes')
    expect(next.code, 'the one before proves nothing either').to.equal(0)
    expect(shipped.ratings().map(([tag, rating]) => `${tag} ${rating}`)).to.deep.equal([
      'v1 good',
      'v2 unverified',
      'v2 good',
      'v3 good',
    ])
    const ratings = readRatings(aHome({ folder: shipped.paths.home }))
    expect(ratings.map(({ tag, proof }) => [tag, proof])).to.deep.include.members([['v2', 'process']])
  })
})
