import { expect } from 'chai'
import type { DrillResult } from '#core/drill/run-drill.js'
import type { FoundIncident } from '#core/incidents/find-incident.js'
import { endToEnd } from '../../support/e2e/end-to-end.js'
import type { Home } from '../../support/e2e/home.js'
import { isAlive } from '../../support/e2e/still-running.js'
import { until } from '../../support/e2e/until.js'

const SECRET = 'a-secret-that-nobody-may-see'
const WATCHED = {
  WATCHDOG_ENABLED: '1',
  WATCHDOG_CHECK_INTERVAL: '0.2',
  WATCHDOG_FREEZE_THRESHOLD: '2', // a busy machine needs a part of it to start the next bot
  BOT_START_TIMEOUT: '10',
  BOT_STOP_TIMEOUT: '0.5',
  SERVICE_RESTART_DELAY: '0.2',
  PRICES_API_KEY: SECRET,
}

/** Says its stage, and a secret. */
const MODULE = `
  export default { name: 'x', async cycle({ log, settings }) {
    log.info('stage 1: asks for prices with ' + settings.PRICES_API_KEY)
  } }`

/** Reports a cycle ten times a second. */
const REPORTS = `
  setInterval(() => fetch(process.env.CATALYST_REPORT_URL + '/cycle', { method: 'POST' }).catch(() => {}), 100)
  console.log('reports with ' + process.env.PRICES_API_KEY)`

describe('e2e: a drill', () => {
  const { moduleHome, programHome } = endToEnd()

  const drill = (home: Home, ...words: string[]) => home.catalyst(['drill', ...words])
  /** A bot that a watchdog keeps, and has seen healthy; its pid. */
  async function kept(home: Home): Promise<number> {
    home.watchdog()
    await until(() => home.botFile().endpoint)
    await home.status('healthy')
    await until(() => home.read('data/logs/watchdog.log').includes('the bot is healthy'))
    return home.botFile().pid
  }

  async function incident(home: Home): Promise<FoundIncident> {
    const { code, stdout } = await home.catalyst(['incident', 'show', '--json'])
    expect(code).to.equal(0)
    return JSON.parse(stdout)
  }

  function expectNoSecret(home: Home): void {
    const files = home.allFiles().filter((path) => path.startsWith('.catalyst/incidents/'))
    expect(files).to.not.deep.equal([])
    for (const file of files) expect(home.read(file), file).to.not.contain(SECRET)
  }

  const nothingDone = (home: Home, pid: number) => {
    expect(home.botFile().pid).to.equal(pid)
    expect(isAlive(pid)).to.equal(true)
    expect(home.kinds()).to.not.include('drill')
    expect(home.kinds().filter((kind) => kind === 'bot.start')).to.have.length(1)
    expect(home.has('.catalyst/incidents')).to.equal(false)
  }

  const TIMELINES = {
    crash: [
      /crash: the bot \(pid \d+\) is brought down/,
      /the bot exited with code 1/,
      /the watchdog detects it: ended/,
      /another bot was started \(pid \d+\)/,
      /the bot works again/,
      /the watchdog says: recovered/,
    ],
    freeze: [
      /freeze: the bot \(pid \d+\) is brought down/,
      /the bot does not answer/,
      /the watchdog detects it: silent/,
      /the evidence is saved; the watchdog stops the bot/,
      /the bot was found to have been killed/,
      /another bot was started/,
      /the bot works again/,
      /the watchdog says: recovered/,
    ],
    hang: [
      /hang: the bot \(pid \d+\) is brought down/,
      /the bot says: unhealthy/,
      /the watchdog detects it: hangs/,
      /the evidence is saved; the watchdog stops the bot/,
      /the bot was stopped \(control\)/,
      /another bot was started/,
      /the bot works again/,
      /the watchdog says: recovered/,
    ],
  }
  for (const [kind, timeline] of Object.entries(TIMELINES))
    it(`${kind}: the bot is seen to come back by itself, in one incident`, async () => {
      const home = moduleHome(MODULE, WATCHED)
      const pid = await kept(home)
      const { code, stdout, stderr } = await drill(home, kind, '--yes')
      expect(code, stderr).to.equal(0)
      for (const line of timeline) expect(stdout).to.match(line)
      expect(stdout)
        .to.match(/^ +\d+\.\d s {2}/)
        .and.to.match(/It came back by itself after \d+\.\d s\.\n$/)
      expect(home.botFile().pid).to.not.equal(pid)
      expect(isAlive(pid)).to.equal(false)
      expect(home.entry('drill')).to.include({ drill: kind, pid })
      expect(home.files('.catalyst/incidents')).to.have.length(1)
      const { incident: one, evidence } = await incident(home)
      expect(one).to.include({ state: 'recovered', restarts: kind === 'crash' ? 0 : 1, ends: kind === 'crash' ? 1 : 0 })
      if (kind === 'freeze') expect(evidence?.where?.lines.join()).to.contain('catalystDrillFreeze')
      if (kind === 'hang') {
        expect(evidence?.where?.what).to.equal('Its cycle hangs behind what it logged last.')
        expect(evidence?.where?.lines.at(-1)).to.contain('catalyst drill hang: this cycle never ends')
      }
      expectNoSecret(home)
    })

  it('--json has the timeline, and nothing beside it', async () => {
    const home = moduleHome(MODULE, WATCHED)
    await kept(home)
    const { code, stdout } = await drill(home, 'crash', '--yes', '--json')
    expect(code).to.equal(0)
    const done = JSON.parse(stdout) as DrillResult
    expect(Object.keys(done)).to.deep.equal(['drill', 'down_seconds', 'incident', 'steps'])
    expect(done.drill).to.equal('crash')
    expect(done.incident).to.match(/^\d{8}T\d{9}Z-ended$/)
    expect(done.down_seconds).to.be.within(0.2, 20)
    for (const step of done.steps) expect(Object.keys(step)).to.deep.equal(['seconds', 'what'])
  })

  it('a program that was made to stand still comes back', async () => {
    const home = programHome(REPORTS, { ...WATCHED, BOT_PROOF: 'report', BOT_CYCLE_SECONDS: '0.1' })
    await kept(home)
    const program = await home.programPid()
    const { code, stdout, stderr } = await drill(home, 'freeze', '--yes')
    expect(code, stderr).to.equal(0)
    expect(stdout).to.match(/the watchdog detects it: hangs/)
    expect(isAlive(program)).to.equal(false)
    const { evidence } = await incident(home)
    expect(evidence?.where?.what).to.match(
      process.platform === 'linux'
        ? new RegExp(`^The program \\S+ \\(pid ${program}\\) is stopped by a signal`)
        : /^The program \S+ \(pid \d+\) /,
    )
    expect(evidence?.where?.lines.join()).to.contain('reports with [hidden]')
    expectNoSecret(home)
  })

  describe('is refused, and nothing is done,', () => {
    it('where nobody would bring the bot back', async () => {
      const home = moduleHome(MODULE, { ...WATCHED, WATCHDOG_ENABLED: '0' })
      const bot = await home.healthy()
      for (const [kind, why] of [
        ['crash', 'Nobody would restart this bot'],
        ['freeze', 'No watchdog runs'],
      ] as const) {
        const { code, stdout, stderr } = await drill(home, kind, '--yes')
        expect(code).to.equal(1)
        expect(stdout).to.equal('')
        expect(stderr).to.contain(why).and.to.contain('Nothing was done.')
      }
      nothingDone(home, bot.pid)
    })

    it('where no bot runs, or one that does not work', async () => {
      const home = moduleHome("export default { name: 'x', cycle: () => new Promise(() => {}) }", WATCHED)
      const none = await drill(home, 'crash', '--yes')
      expect(none.code).to.equal(1)
      expect(none.stderr).to.contain('The bot is unreachable: no bot runs in')
      const bot = await home.started()
      const { code, stderr } = await drill(home, 'crash', '--yes')
      expect(code).to.equal(1)
      expect(stderr).to.match(/The bot is (starting|unhealthy): no cycle since/)
      nothingDone(home, bot.pid)
    })

    it('by a program of which only the process is watched', async () => {
      const home = programHome('setInterval(() => {}, 1000)', WATCHED)
      const pid = await kept(home)
      const { code, stderr } = await drill(home, 'freeze', '--yes')
      expect(code).to.equal(1)
      expect(stderr).to.contain('The drill is refused, and nothing was done. The proof of this bot is')
      nothingDone(home, pid)
      expect(isAlive(await home.programPid())).to.equal(true)
    })

    it('without a terminal and without --yes', async () => {
      const home = moduleHome(MODULE, WATCHED)
      const pid = await kept(home)
      for (const words of [['crash'], ['crash', '--json']]) {
        const { code, stderr, stdout } = await drill(home, ...words)
        expect(code).to.equal(2)
        expect(stdout + stderr).to.contain('--yes')
      }
      nothingDone(home, pid)
    })
  })
})
