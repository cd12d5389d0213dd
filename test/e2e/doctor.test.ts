import fs from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Finding } from '#core/doctor/finding.js'
import { KEY, PATH } from '../support/alerts/discord.js'
import { AS_NOBODY, asRoot, NOBODY } from '../support/e2e/as-nobody.js'
import { endToEnd } from '../support/e2e/end-to-end.js'
import type { Home } from '../support/e2e/home.js'
import type { Result } from '../support/e2e/process.js'
import { BIN } from '../support/e2e/root.js'
import { until } from '../support/e2e/until.js'

const GONE = { pid: 2 ** 22 + 1, started: 1, boot: 'x', instance: 'gone' }

/** What this machine may lack, whatever a home is like: a service, which nobody installs for a test. */
const OF_THE_MACHINE = ['service', 'sleep', 'disk', 'administrator', 'nssm']

describe('e2e: doctor', () => {
  const { home: emptyHome, moduleHome, run, serve } = endToEnd()
  let asked: string[]

  beforeEach(() => {
    asked = []
  })

  /** A home of which nothing is wrong, with a bot as the child of its watchdog. */
  async function soundHome(): Promise<Home> {
    const { url } = await serve(({ method, url: path }, response) => {
      asked.push(`${method} ${path}`)
      response.end('{"name":"Captain Hook"}')
    })
    const home = moduleHome(undefined, {
      WATCHDOG_ENABLED: '1',
      WATCHDOG_CHECK_INTERVAL: '0.2',
      BOT_STOP_TIMEOUT: '1',
      ADMIN_ALERT_WEBHOOK: `${url}${PATH}`,
    })
    fs.chmodSync(home.path('.env'), 0o600)
    run(process.execPath, [BIN, 'watchdog', 'run', '--home', home.folder], { folder: home.folder, env: ours(home) })
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    await until(() => home.has('.catalyst/state/watchdog.json'))
    return home
  }

  /** The environment with a registry of homes of its own. */
  const ours = (home: Home) => ({ XDG_CONFIG_HOME: home.path('config') })

  function doctor(home: Home, ...words: string[]): Promise<Result> {
    const line = [BIN, 'doctor', ...words, '--home', home.folder]
    return run(process.execPath, line, { folder: home.folder, cwd: os.tmpdir(), env: ours(home) }).result()
  }

  /** What is not in order, apart from what this machine lacks. */
  async function wrong(home: Home, ...words: string[]): Promise<Finding[]> {
    const { stdout, stderr } = await doctor(home, '--json', ...words)
    expect(stderr).to.equal('')
    return (JSON.parse(stdout) as Finding[]).filter(({ id, state }) => state !== 'ok' && !OF_THE_MACHINE.includes(id))
  }

  it('of a sound home finds nothing wrong, within 3 s, and says so', async () => {
    const home = await soundHome()
    expect(await wrong(home)).to.deep.equal([])
    const began = performance.now()
    const { code, stdout, stderr } = await doctor(home)
    expect(performance.now() - began).to.be.below(3000)
    expect(stderr).to.equal('')
    expect(stdout)
      .to.match(/^ok +settings +they are sound/m)
      .and.match(/^ok +alerts +.*Captain Hook$/m)
      .and.match(new RegExp(`^ok +bot +runs \\(pid ${home.botFile().pid}\\)$`, 'm'))
      .and.not.match(/^fault/m)
      .and.not.contain(KEY)
    // on a machine whose service manager runs, none is installed for this home
    expect(code).to.equal(/^warning/m.test(stdout) ? 1 : 0)
    expect(stdout).to.match(/\n(All is well|\d warnings?)\.\n$/)
  })

  it('exits 1 for warnings and 2 for faults, and names the home in what is to be typed', async () => {
    const home = await soundHome()
    home.write('.catalyst/state/services.lock', JSON.stringify(GONE))
    const warned = await doctor(home)
    expect(warned.code).to.equal(1)
    expect(warned.stdout).to.match(
      new RegExp(
        `^warning +locks +services\\.lock was left by .*\\. Next: catalyst doctor --home ${home.folder} --fix$`,
        'm',
      ),
    )
    fs.appendFileSync(home.path('.env'), 'LOG_MAX_MB=many\n')
    const { code, stdout } = await doctor(home)
    expect(code).to.equal(2)
    expect(stdout)
      .to.match(new RegExp(`^fault +settings +LOG_MAX_MB .* Next: catalyst config check --home ${home.folder}$`, 'm'))
      .and.match(/\n1 fault, \d warnings?\.\n$/)
  })

  it('--fix mends what is safe, says what it did, and finds nothing wrong afterwards', async () => {
    const home = await soundHome()
    await until(async () => (await home.health()).uptime_seconds >= 2) // a bot that has just started registers its home
    home.write('.catalyst/state/services.lock', JSON.stringify(GONE))
    fs.rmSync(home.path('config'), { recursive: true })
    fs.chmodSync(home.path('.env'), 0o644)
    expect((await wrong(home)).map(({ id }) => id)).to.deep.equal(['rights', 'locks', 'registry'])
    const { stdout } = await doctor(home, '--fix')
    expect(stdout)
      .to.match(/^fixed +rights +\S+\.env was 0644, and is 0600 now$/m)
      .and.match(/^fixed +locks +services\.lock, which was left behind, was removed$/m)
      .and.match(/^fixed +registry +this home was added to \S+$/m)
    expect(home.mode('.env')).to.equal('600')
    expect(await wrong(home)).to.deep.equal([])
  })

  it('tells of an interrupted deployment, and leaves it to a person', async () => {
    const home = await soundHome()
    const deployment = { id: 'x', what: 'deployment', steps: [], begun: 0, target: {} }
    home.write('.catalyst/state/deployment.json', JSON.stringify(deployment))
    const before = home.read('.catalyst/state/deployment.json')
    expect((await wrong(home, '--fix')).map(({ id, state }) => `${state} ${id}`)).to.deep.equal(['fault deployment'])
    expect(home.read('.catalyst/state/deployment.json')).to.equal(before)
  })

  it('posts nothing to a webhook', async () => {
    const home = await soundHome()
    await doctor(home)
    expect(asked).to.deep.equal([`GET ${PATH}`])
  })

  it('of a home in which nothing was ever started makes nothing there', async () => {
    const home = emptyHome({ BOT_MODULE: 'bot.mjs' })
    home.write('bot.mjs', "export default { name: 'b', cycle() {} }")
    const { code, stdout } = await doctor(home)
    expect(code).to.equal(2)
    expect(stdout).to.match(/^fault +bot +no bot runs\. Next: catalyst bot start --home /m)
    expect(home.allFiles().sort()).to.deep.equal(['.env', 'bot.mjs'])
  })

  it('outside of any home exits 3, and says what to type', async () => {
    const folder = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'catalyst-e2e-none-'))
    try {
      const { code, stderr } = await run(process.execPath, [BIN, 'doctor'], { folder, cwd: folder }).result()
      expect(code).to.equal(3)
      expect(stderr).to.contain('is not a home').and.contain('catalyst doctor --home FOLDER')
    } finally {
      fs.rmSync(folder, { recursive: true })
    }
  })

  asRoot("run by root is that which the owner of the home sees, and what it mends stays the owner's", async () => {
    const home = await soundHome()
    fs.chmodSync(home.path('.env'), 0o644)
    fs.rmSync(home.path('config'), { recursive: true })
    for (const path of ['', ...fs.readdirSync(home.folder, { recursive: true, encoding: 'utf8' })])
      fs.chownSync(home.path(path), NOBODY, NOBODY)
    const found = (await wrong(home, '--fix')).map(({ id }) => id)
    expect(found).to.not.include('folders').and.not.include('rights').and.not.include('bot')
    expect(home.mode('.env')).to.equal('600')
    expect(fs.statSync(home.path('.env')).uid).to.equal(NOBODY)
    const foreign = fs
      .readdirSync(home.path('.catalyst'), { recursive: true, encoding: 'utf8' })
      .filter((path) => !/watchdog|counters|journal/.test(path))
      .filter((path) => fs.statSync(home.path('.catalyst', path), { throwIfNoEntry: false })?.uid === 0)
    expect(foreign).to.deep.equal([])
  })

  asRoot('of another user says what is not permitted, and the line to type', async () => {
    const home = await soundHome()
    for (const path of ['', ...home.allFiles()]) fs.chownSync(home.path(path), 1, 1)
    fs.chmodSync(home.folder, 0o755)
    const words = ['-e', AS_NOBODY, '--', 'doctor', '--home', home.folder]
    const { code, stdout } = await run(process.execPath, words, { folder: home.folder, cwd: os.tmpdir() }).result()
    expect(code, stdout).to.be.oneOf([1, 2])
    expect(stdout).to.match(/^warning +bot +could not be told: reading \S+ is not permitted\. Next: sudo -u \S+ /m)
    expect(stdout).to.not.match(/chown/)
  })
})
