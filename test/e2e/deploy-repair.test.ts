import fs from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { expect } from 'chai'
import { readPointer } from '#core/home/active-release.js'
import { SHIPPED, ShippedHome } from '../support/deploy/shipped.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { NODE } from '../support/e2e/process.js'
import { until } from '../support/e2e/until.js'

const onPosix = process.platform === 'win32' ? describe.skip : describe

/** Makes a virtual environment as `python -m venv` does, of the newest interpreter in this folder. */
const INSTALL = `
const fs = require('node:fs')
const [system] = process.argv.slice(2)
if (fs.existsSync(system + '/no-network')) throw new Error('no network')
const name = fs.readdirSync(system).filter((one) => one.startsWith('python3.')).sort().at(-1)
fs.mkdirSync('.venv/bin', { recursive: true })
fs.symlinkSync(system + '/' + name, '.venv/bin/python')
fs.writeFileSync('.venv/pyvenv.cfg', 'home = ' + system + '\\nversion = ' + name.slice('python'.length) + '.2\\n')
`

onPosix('e2e: a release whose Python is gone', () => {
  const { home: newHome, serve } = endToEnd()
  const GONE = /The Python 3\.11 that v1's \.venv was built with is gone\./

  /** A home whose bot is run by an interpreter that an upgrade can replace. */
  function shippedHome(settings: Record<string, string> = {}) {
    const shipped = new ShippedHome(newHome())
    const { home } = shipped
    const system = home.path('data', 'system')
    const install = (name: string) => {
      home.write(`data/system/${name}`, `#!/bin/sh\nexec ${NODE} "$@"\n`)
      fs.chmodSync(join(system, name), 0o755)
    }
    install('python3.11')
    home.writeSettings({
      ...SHIPPED,
      HEALTH_CHECK_PORT: '0',
      BOT_COMMAND: '.venv/bin/python bot.cjs',
      DEPLOY_INSTALL_COMMAND: `${NODE} install.cjs ${system}`,
      ...settings,
    })
    for (const name of ['v1', 'v2'])
      shipped.tag(name, { 'bot.cjs': `setInterval(() => {}, 1000) // ${name}`, 'install.cjs': INSTALL })
    return {
      shipped,
      home,
      /** The upgrade of an operating system: another Python comes in the place of the first one. */
      upgrade() {
        fs.rmSync(join(system, 'python3.11'))
        install('python3.12')
      },
      loseNetwork: () => home.write('data/system/no-network', ''),
      active: () => readPointer(shipped.paths)?.name,
    }
  }

  /** A webhook, and what the admin was told by it. */
  async function admin() {
    const told: string[] = []
    const { url } = await serve((request, response) => {
      request.on('data', (chunk) => told.push(String(chunk)))
      request.on('end', () => response.end('{"id":"1"}'))
    })
    return { told, ADMIN_ALERT_WEBHOOK: `${url}/api/webhooks/1/of-the-admin` }
  }

  it('is told by each command, and built anew beside the broken one', async function () {
    this.timeout(120_000)
    const { shipped, home, upgrade, active } = shippedHome()
    expect((await shipped.deploy('run', 'v1', '--yes', '--skip-fetch')).code).to.equal(0)
    const broken = active() as string
    const nothing = await shipped.deploy('repair', '--yes', '--json')
    expect(JSON.parse(nothing.stdout)).to.deep.equal({ outcome: 'nothing_to_repair', release: broken })
    upgrade()

    const started = await home.start().result()
    expect(started.code).to.equal(1)
    expect(started.stderr).to.match(GONE).and.include('Rebuild it: catalyst deploy repair')
    expect(home.entry('bot.crash')).to.include({ code: 'RUNTIME_CHANGED', release: broken })
    const checked = await home.catalyst(['config', 'check'])
    expect(checked.code).to.equal(78)
    expect(checked.stdout).to.match(GONE).and.not.include('no such program')
    expect((await shipped.deploy('info')).stdout).to.match(/runtime +The Python 3\.11/)

    const planned = await shipped.deploy('repair', '--dry-run')
    expect(planned.stdout).to.include(`${broken} → ${broken}-2`)
    expect(active()).to.equal(broken)
    const bot = await shipped.deploy('repair', '--yes')
    expect(bot.code, bot.stderr).to.equal(0)
    expect(bot.stderr).to.match(GONE)
    expect(active()).to.equal(`${broken}-2`)
    expect(fs.readlinkSync(home.path(`.catalyst/releases/${broken}-2/.venv/bin/python`))).to.match(/python3\.12$/)
    await home.healthy()
    expect((await home.health()).release).to.equal(`${broken}-2`)
    expect(home.entry('deploy.end')).to.include({ what: 'repair', outcome: 'unverified', active: `${broken}-2` })
    expect((await shipped.deploy('info')).stdout).to.not.include('runtime')
  })

  it('stays as it is where it can not be built', async function () {
    this.timeout(60_000)
    const { shipped, home, upgrade, loseNetwork, active } = shippedHome()
    await shipped.deploy('run', 'v1', '--yes', '--skip-fetch')
    const broken = active() as string
    upgrade()
    loseNetwork()
    const files = () => home.files('.catalyst/releases').filter((name) => !name.endsWith('.log'))
    const before = files()
    const failed = await shipped.deploy('repair', '--yes')
    expect(failed.code).to.equal(1)
    expect(failed.stderr)
      .to.include('no network')
      .and.include(`Nothing that runs was touched: ${broken} is active as before`)
    expect(active()).to.equal(broken)
    expect(files()).to.deep.equal(before)
  })

  it('is built anew by a rollback to it', async function () {
    this.timeout(60_000)
    const { shipped, upgrade, active } = shippedHome()
    await shipped.deploy('run', 'v1', '--yes', '--skip-fetch')
    const broken = active()
    upgrade()
    await shipped.deploy('run', 'v2', '--yes', '--skip-fetch')
    const rolled = await shipped.deploy('rollback', 'v1', '--yes')
    expect(rolled.code, rolled.stderr).to.equal(0)
    expect(rolled.stderr).to.match(GONE).and.include('It is built anew')
    expect(active()).to.equal(`${broken}-2`)
    expect((await shipped.deploy('rollback', `${broken}`, '--yes')).stdout).to.include('is active already')
  })

  it('is built anew once by a watchdog, and the bot is healthy again', async function () {
    this.timeout(120_000)
    const { told, ADMIN_ALERT_WEBHOOK } = await admin()
    const { shipped, home, upgrade, active } = shippedHome({ ADMIN_ALERT_WEBHOOK })
    shipped.watchdog()
    await until(() => home.has('.catalyst/state/watchdog.lock'))
    expect((await shipped.deploy('run', 'v1', '--yes', '--skip-fetch')).code).to.equal(0)
    const broken = active()
    upgrade()
    process.kill(home.botFile().pid, 'SIGKILL')
    await until(async () => (await home.health()).release === `${broken}-2`, 60_000)
    await shipped.runs('v1')
    expect(active()).to.equal(`${broken}-2`)
    await until(() => home.entry('deploy.end').what === 'repair')
    expect(home.entry('deploy.end')).to.include({ outcome: 'deployed' })
    expect(JSON.parse(home.read('.catalyst/state/watchdog.json')).repaired).to.deep.equal([broken])
    expect(shipped.ratings().at(-1)?.slice(0, 2)).to.deep.equal(['v1', 'good'])
    const place = (text: string) => told.findIndex((message) => message.includes(text))
    await until(() => place('repair of v1: done') >= 0)
    expect(place('v1 is built anew'), 'before').to.be.within(0, place('repair of v1: done') - 1)
  })

  it('is tried once by a watchdog where it can not be built', async function () {
    this.timeout(120_000)
    const { told, ADMIN_ALERT_WEBHOOK } = await admin()
    const { shipped, home, upgrade, loseNetwork, active } = shippedHome({ ADMIN_ALERT_WEBHOOK })
    const watchdog = shipped.watchdog()
    await until(() => home.has('.catalyst/state/watchdog.lock'))
    await shipped.deploy('run', 'v1', '--yes', '--skip-fetch')
    const broken = active()
    upgrade()
    loseNetwork()
    process.kill(home.botFile().pid, 'SIGKILL')
    const crashes = () => home.kinds().filter((kind) => kind === 'bot.crash').length
    await until(() => crashes() >= 3, 60_000)
    const repairs = home.journal().filter(({ kind, what }) => kind === 'deploy.end' && what === 'repair')
    expect(repairs.map(({ outcome }) => outcome)).to.deep.equal(['rolled_back'])
    expect(active()).to.equal(broken)
    expect(watchdog.output).to.match(GONE)
    await until(() => told.some((message) => message.includes('repair of v1: failed')))
  })
})

/** Leaves a native module that fits one version of node alone. */
const NATIVE = `
const fs = require('node:fs')
fs.mkdirSync('node_modules/a/build/Release', { recursive: true })
fs.writeFileSync('node_modules/a/build/Release/a.node', 'node_register_module_v')
`

describe('e2e: a release whose native modules were built for another node', () => {
  const { home: newHome } = endToEnd()

  it('is refused at its start, and built anew for this one', async function () {
    this.timeout(60_000)
    const settings = { BOT_COMMAND: 'node bot.cjs', DEPLOY_INSTALL_COMMAND: `${NODE} install.cjs` }
    const shipped = new ShippedHome(newHome({ ...SHIPPED, ...settings }))
    const { home } = shipped
    shipped.tag('v1', { 'bot.cjs': 'setInterval(() => {}, 1000)', 'install.cjs': NATIVE })
    const env = { PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` }
    expect((await shipped.deploy('run', 'v1', '--yes', '--skip-fetch')).code).to.equal(0)
    const manifest = () => `.catalyst/releases/${readPointer(shipped.paths)?.name}.json`
    const built = JSON.parse(home.read(manifest()))
    expect(built.node_abi).to.equal(process.versions.modules)
    home.write(manifest(), JSON.stringify({ ...built, node_abi: '1' }))
    const refused = await home.start([], env).result()
    expect(refused.code).to.equal(1)
    expect(refused.stderr).to.include('were built for another node: for ABI 1, and')
    expect((await shipped.deploy('repair', '--yes', '--force')).code).to.equal(0)
    expect(JSON.parse(home.read(manifest())).node_abi).to.equal(process.versions.modules)
    await home.healthy([], env)
  })
})
