import fs from 'node:fs'
import { expect } from 'chai'
import { writeDeployment } from '#core/deploy/deployment-file.js'
import { type Pointer, readPointer } from '#core/home/active-release.js'
import { writeDesiredStop } from '#core/home/desired-state.js'
import { aDeployment, aPlan, begunBy } from '../support/builders/deployment.js'
import { aHome } from '../support/builders/home.js'
import { SHIPPED, ShippedHome, version } from '../support/deploy/shipped.js'
import { ask } from '../support/e2e/ask.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import { NODE } from '../support/e2e/process.js'
import { isAlive } from '../support/e2e/still-running.js'
import { until } from '../support/e2e/until.js'

const BROKEN = version('broken', "throw new Error('no such price')")
/** An installation that goes on until somebody ends it. */
const SLOW_INSTALL = { DEPLOY_INSTALL_COMMAND: `${NODE} -e "setInterval(() => {}, 1000)"` }

describe('e2e: deployments', () => {
  const { home: newHome, serve } = endToEnd()

  const shippedHome = (settings: Record<string, string> = {}) =>
    new ShippedHome(newHome({ BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.1', ...SHIPPED, ...settings }))

  it('ships one version after the other, comes back from a broken one, and goes back to the first', async function () {
    this.timeout(90_000)
    const shipped = shippedHome()
    const { home, repository } = shipped
    for (const name of ['v1', 'v2', 'v3']) shipped.tag(name)
    shipped.tag('v4', BROKEN)
    const before = [repository.git('status', '--porcelain=v2', '--branch'), repository.git('ls-files', '--stage')]
    shipped.watchdog() // the working tree is broken: that doesn't matter
    await until(() => home.has('.catalyst/state/watchdog.lock'))
    for (const name of ['v1', 'v2', 'v3']) {
      const { code, stdout, stderr } = await shipped.deploy('run', name, '--yes')
      expect(code, stderr).to.equal(0)
      expect(stdout).to.include('is live and healthy')
      await shipped.runs(name)
    }
    const broken = await shipped.deploy('run', 'v4', '--yes')
    expect(broken.code).to.equal(1)
    expect(broken.stderr).to.match(
      /v4 did not go live: it crashed \(exit code 1\): no such price\n[\s\S]+bot\.mjs:1[\s\S]+\n +v3-\w+ is back, and healthy\./,
    )
    await shipped.runs('v3')
    expect(shipped.ratings().map(([tag, rating]) => `${tag} ${rating}`)).to.deep.equal([
      'v1 good',
      'v2 good',
      'v3 good',
      'v4 bad',
    ])
    const again = await shipped.deploy('run', 'v4', '--yes')
    expect(again.code).to.equal(1)
    expect(again.stderr).to.match(/v4 has proven bad[\s\S]+catalyst deploy run --home \S+ v4 --force/)
    const rolled = await shipped.deploy('rollback', 'v1', '--yes', '--json')
    expect(JSON.parse(rolled.stdout)).to.include({ outcome: 'deployed', tag: 'v1' })
    await shipped.runs('v1')
    const tags = JSON.parse((await shipped.deploy('list-tags', '--json')).stdout)
    expect(tags.map(({ name, rating, active }: Record<string, unknown>) => [name, rating, active])).to.deep.equal([
      ['v4', 'bad', false],
      ['v3', 'good', false],
      ['v2', 'good', false],
      ['v1', 'good', true],
    ])
    const info = JSON.parse((await shipped.deploy('info', '--json')).stdout)
    expect(info.active).to.include({ tag: 'v1', rating: 'good' })
    expect(info.previous).to.include({ tag: 'v3' })
    expect(info.previous.left).to.include({ why: 'rolled_back' })
    expect(info.last_good, 'nothing is older').to.equal(null)
    expect(info.home).to.include({ branch: 'main', dirty: 0 })
    expect([
      repository.git('status', '--porcelain=v2', '--branch'),
      repository.git('ls-files', '--stage'),
    ]).to.deep.equal(before)
    const history = await home.catalyst(['history', '--kind', 'deploy'])
    expect(history.stdout).to.match(/rollback to v1-\w+: deployed/)
    expect((await shipped.deploy('run', 'v1', '--yes')).stdout)
      .to.include('v1')
      .and.include('is active already')
  })

  it('a version that lacks a dependency is reported so, to the person and to the admin', async function () {
    this.timeout(60_000)
    const told: string[] = []
    const { url } = await serve((request, response) => {
      request.on('data', (chunk) => told.push(String(chunk)))
      request.on('end', () => response.end('{"id":"1"}'))
    })
    const shipped = shippedHome()
    shipped.home.writeSettings({
      ...SHIPPED,
      HEALTH_CHECK_PORT: '0',
      ADMIN_ALERT_WEBHOOK: `${url}/api/webhooks/1/of-the-admin`,
      BOT_COMMAND: `${NODE} bot.cjs`,
    })
    shipped.tag('v1', { 'bot.cjs': 'setInterval(() => {}, 1000)' })
    shipped.tag('v2', { 'bot.cjs': "require('left-pad')" })
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    expect((await shipped.deploy('run', 'v1', '--yes')).code).to.equal(0)
    const { code, stderr } = await shipped.deploy('run', 'v2', '--yes')
    expect(code).to.equal(1)
    expect(stderr).to.include(
      "v2 did not go live: it exited by itself (exit code 1): Error: Cannot find module 'left-pad'",
    )
    expect(stderr)
      .to.include("Error: Cannot find module 'left-pad'")
      .and.match(/v1-\w+ is back, and healthy/)
    expect(shipped.home.entry('deploy.end').said).to.include("Error: Cannot find module 'left-pad'")
    await until(() => told.some((text) => text.includes("Cannot find module 'left-pad'")))
  })

  it('a version that fails before the switch costs nobody a single answer', async function () {
    this.timeout(60_000)
    const shipped = shippedHome({ DEPLOY_CHECK_COMMAND: `${NODE} --check bot.mjs` })
    shipped.tag('v1', { 'bot.mjs': 'export default {' })
    shipped.repository.commit(version('now'))
    shipped.watchdog()
    await until(() => shipped.home.botFile().endpoint)
    await shipped.runs(null)
    const { port } = shipped.home.botFile().endpoint ?? {}
    let answers = 0
    const failures: string[] = []
    const asker = setInterval(() => {
      void ask(`http://127.0.0.1:${port}/health/ping`).then(
        ({ status }) => (status === 200 ? answers++ : failures.push(String(status))),
        (error) => failures.push(error.message),
      )
    }, 20)
    const failed = await shipped.deploy('run', 'v1', '--yes').finally(() => clearInterval(asker))
    expect(failed.code).to.equal(1)
    expect(failed.stderr).to.include('SyntaxError').and.include('Nothing that runs was touched')
    expect(failures).to.deep.equal([])
    expect(answers).to.be.above(10)
    expect(shipped.home.files('.catalyst/releases').filter((name) => !name.endsWith('.log'))).to.deep.equal([])
  })

  it('a deployment that is killed in the middle of an installation is recovered by the watchdog alone', async function () {
    this.timeout(60_000)
    const shipped = shippedHome(SLOW_INSTALL)
    shipped.tag('v1')
    shipped.watchdog()
    await until(() => shipped.home.botFile().endpoint)
    await shipped.runs(null)
    const { pid } = shipped.home.botFile()
    const deployment = shipped.begin('run', 'v1', '--yes')
    const tool = await until(
      () => [...shipped.home.processes()].find(([, words]) => words.includes('setInterval'))?.[0],
    )
    deployment.kill('SIGKILL')
    await until(() => !shipped.isUnderWay)
    expect(isAlive(tool)).to.equal(false)
    expect(shipped.home.files('.catalyst/releases').filter((name) => !name.endsWith('.log'))).to.deep.equal([])
    expect(shipped.home.botFile().pid).to.equal(pid)
    expect(shipped.home.entry('deploy.end')).to.include({ outcome: 'rolled_back', active: null })
    expect((await shipped.deploy('recover', '--yes')).stdout).to.include('No deployment was interrupted')
  })

  it('a deployment that is interrupted while the bot is stopped is recovered, and the bot stays stopped', async function () {
    this.timeout(60_000)
    const shipped = shippedHome()
    for (const name of ['v1', 'v2']) shipped.tag(name)
    expect((await shipped.deploy('run', 'v1', '--yes')).code).to.equal(0)
    const { paths } = shipped
    const from = readPointer(paths) ?? null
    expect((await shipped.deploy('run', 'v2', '--yes')).code).to.equal(0)
    const { name, commit } = readPointer(paths) as Pointer
    const target = { name, commit, tag: 'v2', subfolder: '' }
    const supervisor = 'watchdog'
    const plan = aPlan({ target, from, hasSettings: false, isBuilt: true, supervisor })
    writeDeployment(aHome({ folder: paths.home }), aDeployment(plan, { begun: begunBy(plan, 'restart'), supervisor }))
    writeDesiredStop(paths, 'ann', Date.now())
    shipped.watchdog()
    await until(() => !shipped.isUnderWay)
    expect(shipped.active).to.equal('v1')
    expect(shipped.home.kinds()).to.not.include('bot.start')
    expect(shipped.home.has('.catalyst/state/desired-state.json')).to.equal(true)
  })

  it('after a deployment without a supervisor was killed, no other one begins until it was recovered by hand', async function () {
    this.timeout(60_000)
    const shipped = shippedHome(SLOW_INSTALL)
    shipped.tag('v1')
    const deployment = shipped.begin('run', 'v1', '--yes')
    const isInstalling = () => [...shipped.home.processes().values()].some((words) => words.includes('setInterval'))
    await until(isInstalling)
    deployment.kill('SIGKILL')
    await deployment.result()
    const other = await shipped.deploy('run', 'v1', '--yes')
    expect(other.code).to.equal(1)
    expect(other.stderr).to.include('was interrupted').and.include('catalyst deploy recover')
    const { code, stdout, stderr } = await shipped.deploy('recover', '--yes')
    expect(code, stderr).to.equal(0)
    expect(stderr).to.include(`The lock of the deployment of v1 (pid ${deployment.pid}, since `)
    expect(stdout).to.include('Nothing that runs was touched')
    expect(isInstalling()).to.equal(false)
    expect(shipped.isUnderWay).to.equal(false)
  })

  it('Ctrl-C rolls back, and leaves nothing of the version behind', async function () {
    this.timeout(60_000)
    const shipped = shippedHome(SLOW_INSTALL)
    shipped.tag('v1')
    shipped.watchdog()
    await until(() => shipped.home.botFile().endpoint)
    const deployment = shipped.begin('run', 'v1', '--yes')
    const tool = await until(
      () => [...shipped.home.processes()].find(([, words]) => words.includes('setInterval'))?.[0],
    )
    deployment.kill('SIGINT')
    const { code, stderr } = await deployment.result()
    expect(code).to.equal(1)
    expect(stderr).to.include('The deployment of v1 was cancelled').and.include('Nothing that runs was touched')
    expect(isAlive(tool)).to.equal(false)
    expect(shipped.isUnderWay).to.equal(false)
    expect(shipped.home.entry('deploy.end')).to.include({ outcome: 'cancelled' })
  })

  it('Ctrl-C while the new version is to prove itself brings the old one back', async function () {
    this.timeout(60_000)
    const shipped = shippedHome()
    shipped.tag('v1')
    shipped.tag('v2', { 'bot.mjs': "export default { name: 'never', cycle: () => new Promise(() => {}) }" })
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    expect((await shipped.deploy('run', 'v1', '--yes')).code).to.equal(0)
    const deployment = shipped.begin('run', 'v2', '--yes')
    await until(async () => (await shipped.home.health()).release?.startsWith('v2-'))
    deployment.kill('SIGINT')
    expect((await deployment.result(40_000)).code).to.equal(1)
    expect(shipped.active).to.equal('v1')
    await shipped.runs('v1')
    expect(shipped.ratings().map(([tag]) => tag)).to.deep.equal(['v1'])
  })

  it('of two deployments at once the second says which one goes on, and changes nothing', async function () {
    this.timeout(60_000)
    const shipped = shippedHome(SLOW_INSTALL)
    shipped.tag('v1')
    const first = shipped.begin('run', 'v1', '--yes')
    await until(() => [...shipped.home.processes().values()].some((words) => words.includes('setInterval')))
    const second = await shipped.deploy('run', 'v1', '--yes')
    expect(second.code).to.equal(75)
    expect(second.stderr).to.include(`the deployment of v1, by pid ${first.pid}`)
    expect((await shipped.deploy('rollback', 'v1', '--yes')).code).to.equal(75)
    expect((await shipped.deploy('restore', '--yes')).code).to.equal(75)
  })

  it("a rollback restores the settings snapshot with today's secrets, and the admin gets one message for each deployment", async function () {
    this.timeout(60_000)
    const told: string[] = []
    const { url } = await serve((request, response) => {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        told.push(JSON.parse(body).embeds[0].title)
        response.end('{"id":"1"}')
      })
    })
    const shipped = shippedHome({
      ADMIN_ALERT_WEBHOOK: `${url}/api/webhooks/1/of-then`,
      GREETING: 'then',
      API_KEY: 'key-of-then',
    })
    for (const name of ['v1', 'v2']) shipped.tag(name)
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    expect((await shipped.deploy('run', 'v1', '--yes')).code).to.equal(0)
    expect((await shipped.deploy('run', 'v2', '--yes')).code).to.equal(0)
    const today = shipped.home.read('.env').replaceAll('=then', '=now').replaceAll('of-then', 'of-now')
    shipped.home.write('.env', `${today}MORE=1\n`)
    fs.chmodSync(shipped.home.path('.env'), 0o640)
    const { code, stdout, stderr } = await shipped.deploy('rollback', '--last-good', '--yes')
    expect(code, stderr).to.equal(0)
    expect(stdout).to.not.include('key-of')
    const settings = shipped.home.read('.env')
    expect(settings).to.include('GREETING=then').and.include('API_KEY=key-of-now').and.not.include('MORE')
    expect(settings).to.include('/api/webhooks/1/of-now')
    expect(shipped.home.mode('.env')).to.equal('640')
    expect((await shipped.deploy('rollback', 'v2', '--with-secrets', '--yes')).code).to.equal(0)
    expect(shipped.home.read('.env'), 'as it proved good')
      .to.include('GREETING=then')
      .and.include('API_KEY=key-of-then')
    await until(() => told.length >= 4) // the watchdog sends it, a moment later
    expect(told).to.deep.equal([
      'CatalystBot: deployment of v1: done',
      'CatalystBot: deployment of v2: done',
      'CatalystBot: rollback to v1: done',
      'CatalystBot: rollback to v2: done',
    ])
  })

  it('without a supervisor the version is only made ready, and the output says what to start', async () => {
    const shipped = shippedHome()
    shipped.tag('v1')
    const { code, stdout, stderr } = await shipped.deploy('run', 'v1', '--yes')
    expect(code).to.equal(0)
    expect(stderr).to.include('Nothing supervises the bot')
    expect(stdout).to.include('catalyst bot start')
    expect(shipped.ratings()).to.deep.equal([])
    await shipped.home.started()
    await shipped.runs('v1')
  })

  it('a version that is not healthy within its start timeout is rolled back', async function () {
    this.timeout(60_000)
    const shipped = shippedHome()
    shipped.tag('v1')
    shipped.tag('v2', { 'bot.mjs': "export default { name: 'late', cycle: () => new Promise(() => {}) }" })
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    expect((await shipped.deploy('run', 'v1', '--yes')).code).to.equal(0)
    shipped.home.write('.env', shipped.home.read('.env').replace(/(?<=BOT_START_TIMEOUT=).*/, '3'))
    const { code, stderr } = await shipped.deploy('run', 'v2', '--yes')
    expect(code).to.equal(1)
    expect(stderr).to.match(/after 3 s it was (starting|unhealthy)/)
    await shipped.runs('v1')
    expect(shipped.ratings().at(-1)?.slice(0, 2)).to.deep.equal(['v2', 'bad'])
  })

  it('a version that works at first and then exits is rolled back', async function () {
    this.timeout(60_000)
    const shipped = shippedHome({ DEPLOY_SETTLE_SECONDS: '1' })
    shipped.tag('v1')
    shipped.tag('v2', version('short', 'setTimeout(() => process.exit(3), 600)'))
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    expect((await shipped.deploy('run', 'v1', '--yes')).code).to.equal(0)
    const { code, stderr } = await shipped.deploy('run', 'v2', '--yes')
    expect(code).to.equal(1)
    expect(stderr).to.include('v2 did not go live: it exited by itself (exit code 3)')
    await shipped.runs('v1')
  })

  it('a version that was good and is killed from outside while it is to prove itself stays good, and can be rolled back to', async function () {
    this.timeout(60_000)
    const shipped = shippedHome({ DEPLOY_SETTLE_SECONDS: '3' })
    for (const name of ['v1', 'v2']) shipped.tag(name)
    shipped.watchdog()
    await until(() => shipped.home.has('.catalyst/state/watchdog.lock'))
    for (const name of ['v1', 'v2']) expect((await shipped.deploy('run', name, '--yes')).code).to.equal(0)
    const rollback = shipped.begin('rollback', 'v1', '--yes')
    await until(async () => (await shipped.home.health()).release?.startsWith('v1-'))
    process.kill(shipped.home.botFile().pid, 'SIGKILL')
    const { code, stderr } = await rollback.result(40_000)
    expect(code).to.equal(1)
    expect(stderr).to.match(/v1 did not go live: (it was killed|it was healthy for .*, then it )/)
    await shipped.runs('v2')
    const info = JSON.parse((await shipped.deploy('info', '--json')).stdout)
    expect(info.last_good).to.include({ tag: 'v1', rating: 'good' })
    expect(info.last_good.reason).to.include('it was good before; the last time')
    expect((await shipped.deploy('rollback', '--last-good', '--yes')).code).to.equal(0)
    await shipped.runs('v1')
  })

  it('two homes that deploy at once do not disturb each other', async function () {
    this.timeout(60_000)
    const both = [shippedHome(), shippedHome()]
    for (const shipped of both) {
      shipped.tag('v1')
      shipped.watchdog()
    }
    await Promise.all(both.map(({ home }) => until(() => home.has('.catalyst/state/watchdog.lock'))))
    const results = await Promise.all(both.map((shipped) => shipped.deploy('run', 'v1', '--yes')))
    for (const { code, stderr } of results) expect(code, stderr).to.equal(0)
    for (const shipped of both) await shipped.runs('v1')
  })

  it('without a terminal a deployment needs a version and --yes', async () => {
    const shipped = shippedHome()
    shipped.tag('v1')
    for (const [words, hint] of [
      [['run'], `catalyst deploy run --home ${shipped.home.folder} v1.2.3`],
      [['run', 'v1'], '--yes'],
      [['rollback'], '--last-good'],
      [['rollback', 'v1', '--last-good'], 'exclude each other'],
    ] as const) {
      const { code, stderr } = await shipped.deploy(...words)
      expect(code, words.join(' ')).to.equal(2)
      expect(stderr, words.join(' ')).to.include(hint)
    }
    expect(shipped.home.has('.catalyst/releases')).to.equal(false)
  })
})
