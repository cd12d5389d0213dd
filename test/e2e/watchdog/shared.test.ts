import fs from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import type { Running } from '../../support/e2e/process.js'
import { BIN } from '../../support/e2e/root.js'
import { isAlive } from '../../support/e2e/still-running.js'
import { until } from '../../support/e2e/until.js'

const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.5',
  WATCHDOG_FREEZE_THRESHOLD: '3', // a busy machine needs a part of it to start the next bot
  WATCHDOG_MAX_RESTARTS: '5',
  BOT_START_TIMEOUT: '20',
  BOT_STOP_TIMEOUT: '1',
  SERVICE_RESTART_DELAY: '0.2',
}

/** Works, until there is a file that says to exit; it is taken away first, so that the next bot works. */
const MODULE = `
  import fs from 'node:fs'
  export default { name: 'x', async cycle() {
    if (!fs.existsSync('exit')) return
    fs.rmSync('exit')
    process.exit(3)
  } }`

const LONG_MS = 40_000

describe('e2e: one watchdog for all homes', function () {
  this.timeout(150_000)
  const { moduleHome, home: emptyHome, run } = endToEnd()

  /** Homes of one user, in a registry of their own. */
  function homesOf(...homes: Home[]) {
    const config = emptyHome()
    const env = { XDG_CONFIG_HOME: config.folder }
    config.write('catalyst/homes.json', JSON.stringify({ homes: homes.map(({ folder }) => folder) }))
    const catalyst = (...words: string[]) => run(process.execPath, [BIN, ...words], { folder: config.folder, env })
    return {
      config,
      catalyst,
      begin: (): Running => catalyst('watchdog', 'run', '--all'),
      status: async () => JSON.parse((await catalyst('watchdog', 'status', '--all', '--json').result(LONG_MS)).stdout),
    }
  }

  const pidOf = (home: Home) => home.botFile().pid

  async function works(home: Home, otherThan = 0): Promise<number> {
    await until(async () => pidOf(home) !== otherThan && (await home.health()).status === 'healthy', LONG_MS)
    return pidOf(home)
  }

  const restartsOf = (home: Home): number => JSON.parse(home.read('.catalyst/state/watchdog.json')).restarts.length

  it('brings back a frozen and a crashed bot while another home is broken, each with its own budget and incidents', async () => {
    const [frozen, crashing, sound] = [1, 2, 3].map(() => moduleHome(MODULE, WATCHED)) as [Home, Home, Home]
    const broken = moduleHome(MODULE, { ...WATCHED, WATCHDOG_CHECK_INTERVAL: 'often' })
    const { begin, status, config } = homesOf(broken, frozen, crashing, sound)
    const watchdog = begin()
    const [frozenPid, crashedPid, soundPid] = await Promise.all([works(frozen), works(crashing), works(sound)])
    process.kill(frozenPid, 'SIGSTOP')
    crashing.write('exit', '')
    await Promise.all([works(frozen, frozenPid), works(crashing, crashedPid)])
    expect(isAlive(frozenPid)).to.equal(false)
    expect([restartsOf(frozen), restartsOf(crashing), restartsOf(sound)]).to.deep.equal([1, 0, 0])
    expect(frozen.files('.catalyst/incidents').join()).to.match(/^\w+-silent$/)
    expect(crashing.files('.catalyst/incidents').join()).to.match(/^\w+-ended$/)
    expect(sound.has('.catalyst/incidents')).to.equal(false)
    expect(pidOf(sound)).to.equal(soundPid)
    const { running, pid, service, homes } = await status()
    expect({ running, pid, service }).to.deep.equal({ running: true, pid: watchdog.pid, service: null })
    const states = Object.fromEntries(homes.map((one: { home: string; state: string }) => [one.home, one.state]))
    expect(states).to.deep.equal({
      [broken.folder]: 'failing',
      [frozen.folder]: 'watched',
      [crashing.folder]: 'watched',
      [sound.folder]: 'watched',
    })
    expect(JSON.parse((await sound.catalyst(['watchdog', 'status', '--json'])).stdout)).to.deep.include({
      running: true,
      pid: watchdog.pid,
      shared: true,
    })
    const bots = [frozen, crashing, sound].map(pidOf)
    watchdog.kill('SIGTERM')
    expect((await watchdog.result(LONG_MS)).code).to.equal(0)
    for (const bot of bots) expect(isAlive(bot)).to.equal(false)
    for (const home of [frozen, crashing, sound]) {
      expect(home.kinds().at(-1)).to.equal('bot.stop')
      expect(home.has('.catalyst/state/watchdog.lock')).to.equal(false)
    }
    expect(config.has('catalyst/shared-watchdog/.catalyst/state/watchdog.lock')).to.equal(false)
  })

  it('resumes incidents and takes over all bots after it was killed', async () => {
    const [one, other] = [moduleHome(MODULE, WATCHED), moduleHome(MODULE, WATCHED)]
    const { begin } = homesOf(one, other)
    const first = begin()
    const [pid, otherPid] = await Promise.all([works(one), works(other)])
    process.kill(pid, 'SIGSTOP')
    await until(() => one.has('.catalyst/incidents'), LONG_MS)
    first.kill('SIGKILL')
    await first.result()
    const second = begin()
    await works(one, pid)
    await until(() => JSON.parse(one.read('.catalyst/state/watchdog.json')).incident?.state === 'recovered', LONG_MS)
    expect(one.files('.catalyst/incidents')).to.have.length(1)
    expect(pidOf(other), 'it was not restarted').to.equal(otherPid)
    other.write('exit', '')
    const last = [await works(one), await works(other, otherPid)] // the new one starts it, too
    second.kill('SIGTERM')
    expect((await second.result(LONG_MS)).code).to.equal(0)
    expect(last.map(isAlive)).to.deep.equal([false, false])
  })

  it('keeps the bot when settings change, and leaves the home to a watchdog of its own', async () => {
    const home = moduleHome(MODULE, WATCHED)
    const { begin, config } = homesOf(home)
    const shared = begin()
    const pid = await works(home)
    home.write('.env', `${home.read('.env')}WATCHDOG_MAX_RESTARTS=7\n`)
    await until(() => home.read('data/logs/watchdog.log').includes(`(pid ${pid}) of a watchdog that is gone`), LONG_MS)
    const { stdout } = await home.catalyst(['watchdog', 'status', '--json'])
    expect(JSON.parse(stdout).restarts_left).to.equal(7)
    expect(pidOf(home)).to.equal(pid)
    const own = home.watchdog()
    expect((await own.result()).code, 'the shared one watches').to.equal(75)
    fs.rmSync(config.path('catalyst/homes.json'))
    config.write('catalyst/homes.json', '{"homes":[]}')
    await until(() => !home.has('.catalyst/state/watchdog.lock'), LONG_MS)
    const again = home.watchdog()
    await until(() => home.has('.catalyst/state/watchdog.lock'))
    await works(home, pid)
    for (const one of [shared, again]) {
      one.kill('SIGTERM')
      expect((await one.result(LONG_MS)).code).to.equal(0)
    }
  })

  it('says what is wrong with its command line', async () => {
    const home = moduleHome(MODULE, WATCHED)
    const { catalyst, config } = homesOf(home)
    const wrong = [
      [['watchdog', 'run', '--all', '--home', home.folder], /Leave --home out/],
      [['watchdog', 'status', '--all', '--home', home.folder], /Leave --home out/],
      [['watchdog', 'install'], /For one home: catalyst service install watchdog --home HOME/],
      [['watchdog', 'uninstall', '--yes'], /For one home: catalyst service uninstall watchdog --home HOME/],
    ] as const
    for (const [words, said] of wrong) {
      const { code, stderr } = await catalyst(...words).result()
      expect(code, words.join(' ')).to.equal(2)
      expect(stderr.replace(/\s+/g, ' ')).to.match(said)
    }
    const { code, stdout } = await catalyst('watchdog', 'status', '--all').result()
    expect(code).to.equal(1)
    expect(stdout).to.match(/does not run\n.*none: catalyst watchdog install --all/)
    expect(fs.existsSync(join(config.folder, 'catalyst/shared-watchdog')), 'asking makes nothing').to.equal(false)
  })
})
