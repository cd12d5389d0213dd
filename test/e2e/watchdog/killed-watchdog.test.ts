import { expect } from 'chai'
import { SHIPPED, ShippedHome, version } from '../../support/deploy/shipped.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import { isAlive } from '../../support/e2e/still-running.js'
import { pause, until } from '../../support/e2e/until.js'

/** A version whose bot answers, and never becomes healthy. */
const NEVER_HEALTHY = { 'bot.mjs': "export default { name: 'never', cycle: () => new Promise(() => {}) }" }

describe('e2e: a watchdog that is killed while a version proves itself', () => {
  const { home: newHome } = endToEnd()

  async function proving(v2: Record<string, string>, settings: Record<string, string>) {
    const shipped = new ShippedHome(
      newHome({ BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.1', ...SHIPPED, ...settings }),
    )
    shipped.tag('v1')
    shipped.tag('v2', v2)
    const watchdog = shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    expect((await shipped.deploy('run', 'v1', '--yes')).code).to.equal(0)
    const deployment = shipped.begin('run', 'v2', '--yes', '--json')
    await until(async () => (await shipped.home.health()).release?.startsWith('v2-'))
    return { shipped, watchdog, deployment }
  }

  /** What is active, and what the bot itself reports. */
  async function stateOf({ active, home }: ShippedHome) {
    const { release, pid } = await home.health()
    return { active, runs: release?.split('-')[0], pid }
  }

  it('and is started again, leaves a working version live, and the output names what really runs', async function () {
    this.timeout(90_000)
    const { shipped, watchdog, deployment } = await proving(version('v2'), { DEPLOY_SETTLE_SECONDS: '3' })
    watchdog.kill('SIGKILL')
    await pause(1000)
    shipped.watchdog()
    const { code, stdout } = await deployment.result(40_000)
    const { active, runs, pid } = await stateOf(shipped)
    expect([active, runs]).to.deep.equal(['v2', 'v2'])
    expect(code, stdout).to.equal(0)
    const answer = JSON.parse(stdout)
    expect(answer).to.include({ outcome: 'deployed', active: answer.release })
    expect(answer.bot).to.deep.equal({ release: answer.release, pid, status: 'healthy' })
    expect(shipped.home.entry('deploy.end')).to.deep.include({
      outcome: 'deployed',
      active: answer.release,
      bot: answer.bot,
    })
  })

  it('and is started again, rolls back a version that fails', async function () {
    this.timeout(90_000)
    const { shipped, watchdog, deployment } = await proving(NEVER_HEALTHY, { BOT_START_TIMEOUT: '4' })
    watchdog.kill('SIGKILL')
    await pause(1000)
    shipped.watchdog()
    const { code, stdout } = await deployment.result(60_000)
    const { active, runs } = await stateOf(shipped)
    expect([active, runs]).to.deep.equal(['v1', 'v1'])
    expect(code, stdout).to.equal(1)
    const { error } = JSON.parse(stdout)
    expect(error.message).to.match(/v1-\w+ is back, and healthy\.$/)
    expect(error).to.include({ outcome: 'rolled_back' })
    expect(error.bot.release).to.equal(error.active)
  })

  it('and stays away, is reported to have left the new version running, until another watchdog restarts the bot', async function () {
    this.timeout(90_000)
    const { shipped, watchdog, deployment } = await proving(NEVER_HEALTHY, { BOT_START_TIMEOUT: '4' })
    watchdog.kill('SIGKILL')
    const { code, stdout } = await deployment.result(60_000)
    const { active, runs, pid } = await stateOf(shipped)
    expect([active, runs, code]).to.deep.equal(['v1', 'v2', 1])
    const { error } = JSON.parse(stdout)
    expect(error.message).to.include('Nothing supervises the bot any more')
    expect(error.message).to.match(new RegExp(`v1-\\w+ is active\\. But v2-\\w+ still runs \\(pid ${pid}\\)`))
    expect(error).to.include({ outcome: 'needs_attention' })
    expect(error.suggestions.join()).to.include('watchdog run')
    shipped.watchdog()
    await shipped.runs('v1')
    expect(isAlive(pid)).to.equal(false)
    await until(() => !shipped.isUnderWay)
    expect(shipped.home.entry('deploy.end')).to.include({ outcome: 'rolled_back' })
  })
})
