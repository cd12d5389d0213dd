import { expect } from 'chai'
import { SHIPPED, ShippedHome } from '../support/deploy/shipped.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { until } from '../support/e2e/until.js'

/** A module that is busy for so many seconds after its first cycle. */
const busyFor = (seconds: number) => ({
  'bot.mjs': `let isBusy = false
export default { name: 'b', cycle(ctx) { if (!isBusy) ctx.busy(${seconds}, 'open order'); isBusy = true } }\n`,
})

describe('e2e: a safe moment', () => {
  const { home: newHome } = endToEnd()

  async function runningHome(files: Readonly<Record<string, string>>, settings: Record<string, string> = {}) {
    const shipped = new ShippedHome(
      newHome({ BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.1', ...SHIPPED, ...settings }),
    )
    shipped.tag('v1', files)
    shipped.tag('v2')
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    await shipped.deploy('run', 'v1', '--yes')
    await shipped.runs('v1')
    return shipped
  }

  it('is what a deployment waits for, and it says why and until when', async function () {
    this.timeout(90_000)
    const shipped = await runningHome(busyFor(6))
    const { busy } = await shipped.home.health()
    expect(busy).to.include({ why: 'open order' })
    const { code, stdout, stderr } = await shipped.deploy('run', 'v2', '--yes', '--json')
    expect(code, stderr).to.equal(0)
    expect(stderr).to.match(
      /The bot is busy: open order, until 20\d\d-\S+ [\d:]+\. The deployment waits for it, 600 s at/,
    )
    const { outcome, waited_seconds } = JSON.parse(stdout)
    expect([outcome, shipped.home.entry('deploy.end').waited_seconds]).to.deep.equal(['deployed', waited_seconds])
    expect(waited_seconds).to.be.within(0.1, 8)
    await shipped.runs('v2')
  })

  it('is not waited for with --now, nor longer than BOT_BUSY_MAX, and Ctrl-C ends the wait with nothing changed', async function () {
    this.timeout(120_000)
    const shipped = await runningHome(busyFor(3600), { BOT_BUSY_MAX: '120' })
    const cancelled = shipped.begin('run', 'v2', '--yes')
    await until(() => cancelled.stderr.includes('The bot is busy'))
    const { instance } = shipped.home.botFile()
    cancelled.kill('SIGINT')
    const { code, stderr } = await cancelled.result(20_000)
    expect(code, stderr).to.equal(1)
    expect(stderr).to.contain('was cancelled').and.to.contain('Nothing that runs was touched')
    expect([shipped.active, shipped.home.botFile().instance]).to.deep.equal(['v1', instance])
    const now = await shipped.deploy('run', 'v2', '--yes', '--now')
    expect(now.code, now.stderr).to.equal(0)
    expect(now.stderr).to.not.contain('is busy')
    await shipped.runs('v2')
  })
})
