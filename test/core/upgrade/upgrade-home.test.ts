import { randomUUID } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { expect } from 'chai'
import { type ProcessId, thisProcess } from '#core/platform/process/process-id.js'
import type { Action } from '#core/service/action.js'
import { type ServiceUpgrade, type UpgradeOptions, upgradeHome } from '#core/upgrade/upgrade-home.js'
import { FakeManager, ServiceHome } from '../../support/fake-manager.js'

/** A manager whose bot is up after a start, as far as its record tells. */
class Manager extends FakeManager {
  record: (() => void) | undefined

  override restart(name: string): Action[] {
    this.record?.()
    return super.restart(name)
  }
}

describe('the services of a home, once catalyst itself was replaced', () => {
  let me: ProcessId

  before(async () => {
    me = await thisProcess()
  })

  async function installed(roles: ('bot' | 'watchdog')[] = ['bot'], settings: Record<string, string> = {}) {
    const manager = new Manager()
    const home = new ServiceHome({ DEPLOY_SETTLE_SECONDS: '0', BOT_START_TIMEOUT: '60', ...settings }, { manager })
    const record = () => {
      const bot = { ...me, instance: randomUUID(), since: '', version: '', release: null }
      mkdirSync(dirname(home.paths.bot), { recursive: true })
      writeFileSync(home.paths.bot, JSON.stringify(bot))
    }
    manager.record = record
    await home.install(roles, { start: true })
    record()
    return { home, manager }
  }

  async function upgrade(home: ServiceHome, changes: Partial<UpgradeOptions> = {}): Promise<ServiceUpgrade[]> {
    const told: ServiceUpgrade[] = []
    const results = await home.turning(
      upgradeHome(home.services, {
        cli: home.runtime.cli,
        isCurrent: () => false,
        isBack: false,
        say: () => {},
        onWait: home.onWait,
        onDone: (done) => told.push(done),
        ...changes,
      }),
    )
    expect(told).to.deep.equal(results)
    return results
  }

  const outcomes = (results: readonly ServiceUpgrade[]) => results.map(({ role, outcome }) => `${role} ${outcome}`)

  it('are restarted, the bot first', async () => {
    const { home } = await installed(['bot', 'watchdog'])
    expect(outcomes(await upgrade(home))).to.deep.equal(['bot upgraded', 'watchdog upgraded'])
    expect(home.kinds().filter((kind) => kind === 'service.restart')).to.have.length(2)
  })

  it('stop at a bot that does not come up: the watchdog goes on with the program before', async () => {
    const { home, manager } = await installed(['bot', 'watchdog'])
    manager.stillborn.set('restart', 1)
    manager.stillborn.set('start', 1)
    const results = await upgrade(home)
    expect(outcomes(results)).to.deep.equal(['bot failed'])
    expect(results[0]?.why).to.contain('does not run')
    expect(manager.isRunning('CatalystBot-watchdog')).to.equal(true)
  })

  it('are all brought back where an update is taken back, whatever fails', async () => {
    const { home, manager } = await installed(['bot', 'watchdog'])
    manager.stillborn.set('restart', 1)
    manager.stillborn.set('start', 1)
    expect(outcomes(await upgrade(home, { isBack: true }))).to.deep.equal(['bot failed', 'watchdog upgraded'])
  })

  it('fail where the process lives, and never says that it is the bot', async () => {
    const { home, manager } = await installed()
    manager.record = undefined
    writeFileSync(home.paths.bot, '')
    const [bot] = await upgrade(home)
    expect(bot?.outcome).to.equal('failed')
    expect(bot?.why).to.match(/^after 60 s it did not answer/)
  })

  it('stay stopped where they are', async () => {
    const { home, manager } = await installed()
    manager.kill('CatalystBot')
    expect(outcomes(await upgrade(home))).to.deep.equal(['bot not_running'])
    expect(manager.isRunning('CatalystBot')).to.equal(false)
  })

  it('are left alone where another installation of catalyst has made them', async () => {
    const { home, manager } = await installed()
    const before = manager.files()
    expect(await upgrade(home, { cli: '/opt/other/bin/run.js' })).to.deep.equal([])
    expect(manager.files()).to.deep.equal(before)
  })

  it('are left alone where they run this program', async () => {
    const { home, manager } = await installed()
    const before = manager.files()
    expect(outcomes(await upgrade(home, { isCurrent: () => true }))).to.deep.equal(['bot current'])
    expect(manager.files()).to.deep.equal(before)
  })

  it('say who is not permitted to restart them', async () => {
    const { home, manager } = await installed()
    manager.broken.set('restart', 'not allowed')
    const [bot] = await upgrade(home)
    expect(bot?.outcome).to.equal('failed')
    expect(bot?.why).to.contain('it said no')
  })
})
