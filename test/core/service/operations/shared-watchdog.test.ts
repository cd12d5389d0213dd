import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { homePaths } from '#core/home/home-paths.js'
import { readInstalled, writeInstalled } from '#core/home/installed-services.js'
import { coveredBy, dryRun, installAll, planAll } from '#core/service/operations/install-all.js'
import { planRefresh, uninstallAll } from '#core/service/operations/uninstall.js'
import { findInstalled } from '#core/service/services.js'
import { failureOf } from '../../../support/failure.js'
import { ServiceHome } from '../../../support/fake-manager.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const ENTRY = {
  name: 'catalyst-watchdog',
  manager: 'systemd',
  scope: 'user',
  definition: '',
  node: '',
  node_version: '',
  cli: '',
  at: '',
} as const

describe('a home whose owner has a watchdog for all homes', () => {
  const { XDG_CONFIG_HOME } = process.env
  let config: string

  beforeEach(() => {
    config = tempFolder()
    process.env.XDG_CONFIG_HOME = config
    installShared(true)
  })

  afterEach(() => {
    if (XDG_CONFIG_HOME === undefined) delete process.env.XDG_CONFIG_HOME
    else process.env.XDG_CONFIG_HOME = XDG_CONFIG_HOME
    removeTempFolders()
  })

  function installShared(isInstalled: boolean): void {
    const paths = homePaths(join(config, 'catalyst', 'shared-watchdog'))
    mkdirSync(paths.state, { recursive: true })
    writeInstalled(paths, isInstalled ? { watchdog: ENTRY } : {})
  }

  const unitOf = (home: ServiceHome) => home.manager.files()['CatalystBot.unit']

  it('gets none of its own, but is switched on for that, and its bot is left to it', async () => {
    const home = new ServiceHome()
    const roles = ['bot', 'watchdog'] as const
    expect(coveredBy(home.services, roles)).to.equal('catalyst-watchdog')
    const wish = { isWatchdogWanted: true }
    const plans = await planAll(home.services, roles, home.options())
    expect((await dryRun(home.services, plans, true, wish))[0]).to.match(/^set WATCHDOG_ENABLED=1 /)
    const answers = { replace: async () => true, start: async () => false, enableWatchdog: async () => true }
    const results = await home.turning(installAll(home.services, plans, answers, home.onWait, wish))
    expect(results.map(({ role }) => role)).to.deep.equal(['bot'])
    expect(readFileSync(join(home.home, '.env'), 'utf8')).to.include('WATCHDOG_ENABLED=1')
    expect(readInstalled(home.paths).watchdog).to.equal(undefined)
    expect(unitOf(home), 'its manager is the last resort').to.include('Silence=600000')
    const error = await failureOf(findInstalled(home.services, 'watchdog'))
    expect(error.message).to.include('the shared one, catalyst-watchdog, watches it')
  })

  it('keeps one of its own that was there before', async () => {
    installShared(false)
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    await home.install(['bot', 'watchdog'])
    installShared(true)
    expect(coveredBy(home.services, ['bot', 'watchdog'])).to.equal(undefined)
    const { bot, notes } = await home.turning(uninstallAll(home.services, ['watchdog'], home.onWait))
    expect(bot, 'it is still watched').to.equal(undefined)
    expect(notes).to.include('The shared watchdog catalyst-watchdog watches the bot from now on.')
  })

  it('has its entry changed as that comes and goes, unless it is switched off there', async () => {
    installShared(false)
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    await home.install()
    expect(unitOf(home)).to.include('Silence=300000')
    installShared(true)
    expect((await planRefresh(home.services))?.changes).to.deep.equal([
      { is: 'Silence=300000', becomes: 'Silence=600000' },
    ])
    home.settings({ WATCHDOG_ENABLED: '0' })
    expect(await planRefresh(home.services)).to.equal(undefined)
  })

  it('is told that its bot is started by that once its service is removed', async () => {
    const home = new ServiceHome({ WATCHDOG_ENABLED: '1' })
    await home.install()
    const { notes } = await home.turning(uninstallAll(home.services, ['bot'], home.onWait))
    expect(notes.join()).to.include('catalyst-watchdog supervises the bot itself from now on')
  })
})
