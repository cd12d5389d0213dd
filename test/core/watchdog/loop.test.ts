import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Logger } from 'pino'
import type { Beat } from '#core/alerts/heartbeat.js'
import type { StopResult } from '#core/bot/stop-bot.js'
import { readConfig } from '#core/config/load.js'
import { writePointer } from '#core/home/active-release.js'
import { writeDesiredStop } from '#core/home/desired-state.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { clearPause, makePause, writePause } from '#core/home/pause.js'
import { type Incident, openIncident } from '#core/incidents/incident.js'
import { Incidents } from '#core/incidents/store.js'
import { openJournal, readJournal } from '#core/journal/journal.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { NO_SUPERVISOR, type Supervisor, type SupervisorStatus } from '#core/supervisor/supervisor.js'
import type { TakenBack } from '#core/watchdog/bakes.js'
import { Watch } from '#core/watchdog/loop.js'
import { readWatchdogFile, type WatchdogFile, writeWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { aBotFile } from '../../support/builders/bot-file.js'
import { aWatchdogFile } from '../../support/builders/watchdog-file.js'
import { RULES } from '../../support/builders/watchdog-rules.js'
import { FakeClock } from '../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const SECOND = 1000

/** A watch over a bot that isn't there; what is found, and what a restart or a recovery does, is up to each test. */
class Watched {
  readonly clock = new FakeClock()
  readonly paths: HomePaths
  readonly alerts: Incident[] = []
  /** The incident that was saved when an alert was made: all that is left of it if the watchdog is killed right then. */
  readonly savedAtAlert: (Incident | null | undefined)[] = []
  readonly complaints: string[] = []
  /** What an outside monitor is told. */
  readonly beats: Beat[] = []
  /** What was logged, without the faults. */
  readonly said: string[] = []
  readonly watch: Watch
  status: SupervisorStatus = { process: 'running', exit: null }
  starts = 0
  stopBot = async (): Promise<StopResult> => 'gone'
  recover = async (): Promise<void> => {}
  repair = async (_release: string): Promise<void> => {}
  takeBack = async (_release: string): Promise<TakenBack> => 'not due'
  isOver = (): boolean => false
  journal: (kind: string, details?: Record<string, unknown>) => void
  readonly #end = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(paths = homePaths(tempFolder())) {
    this.paths = paths
    const { clock } = this
    for (const folder of [paths.state, paths.data]) mkdirSync(folder, { recursive: true })
    const plain = openJournal(clock, paths.journal, (line) => line)
    this.journal = plain.append
    const say = (words: string) => void this.said.push(words)
    const supervisor: Supervisor = {
      ...NO_SUPERVISOR,
      kind: 'service',
      status: async () => this.status,
      start: async () => {
        this.starts++
      },
    }
    this.watch = new Watch(clock, {
      paths,
      settings: readConfig(paths.home, {}).settings,
      dependencies: [],
      rules: RULES,
      supervisor,
      isOver: () => this.isOver(),
      saved: readWatchdogFile(paths),
      log: { info: say, warn: say, error: (words: string) => this.complaints.push(words) } as unknown as Logger,
      stopBot: () => this.stopBot(),
      recover: () => this.recover(),
      repair: ({ release }) => this.repair(release),
      takeBack: ({ release }) => this.takeBack(release),
      beat: (beat) => this.beats.push(beat),
      incidents: new Incidents(paths.incidents),
      journal: (kind, details) => this.journal(kind, details),
      alert: (incident) => {
        this.alerts.push(incident)
        this.savedAtAlert.push(readWatchdogFile(paths)?.incident)
      },
      close: async () => {},
    })
  }

  begin(): void {
    this.#running = this.watch.run(this.#end.signal)
  }

  async end(): Promise<void> {
    this.#end.abort()
    await this.clock.turn(SECOND)
    await this.#running
    await this.watch.close()
  }
}

describe('the loop of the watchdog', () => {
  afterEach(removeTempFolders)

  it('goes on after a restart that failed in the middle', async () => {
    const home = new Watched()
    let ends = 0
    home.stopBot = async () => {
      if (ends++ === 0) throw new Error('EPERM')
      return 'killed'
    }
    home.status = { process: 'failed', exit: 1 }
    home.begin()
    await home.clock.turn(60 * SECOND)
    expect(ends, 'one restart').to.equal(1)
    await home.clock.turn(300 * SECOND)
    await home.end()
    expect(ends, 'and another one').to.be.above(1)
    expect(home.starts).to.be.above(0)
    expect(home.complaints.join('\n')).to.include('EPERM')
  })

  it('tells an outside monitor of the last start only, which is the run that it waits for', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(SECOND)
    for (const instance of ['a', 'b', 'c']) home.journal('bot.start', { pid: 1, instance, release: null })
    home.journal('bot.start', { pid: 2, instance: 'd', release: null, once: true })
    await home.clock.turn(2 * SECOND)
    home.journal('bot.crash', { pid: 1, exit: 1, instance: 'c' })
    await home.clock.turn(2 * SECOND)
    await home.end()
    expect(home.beats[0]).to.deep.equal({ is: 'started', run: 'c' })
    expect(home.beats[1]).to.deep.include({ is: 'failing', run: 'c' })
    expect(home.beats[1])
      .to.have.property('message')
      .that.matches(/exit code 1 .* See: catalyst incident show \S+-ended$/)
    expect(home.beats.filter(({ is }) => is === 'started')).to.have.length(1)
  })

  it('counts restarts and incidents over its own restarts', async () => {
    const home = new Watched()
    home.status = { process: 'failed', exit: 1 }
    home.begin()
    await home.clock.turn(60 * SECOND)
    await home.end()
    const totals = readWatchdogFile(home.paths)?.totals
    expect(totals?.incidents).to.deep.equal({ down: 1 })
    expect(totals?.restarts.down).to.be.at.least(1)
    const next = new Watched(home.paths)
    next.journal('bot.start', { pid: 11, release: 'v2' })
    next.begin()
    await next.clock.turn(2 * SECOND)
    await next.end()
    expect(readWatchdogFile(home.paths)?.totals?.restarts.down).to.be.at.least(totals?.restarts.down as number)
  })

  it('saves an incident and evidence of its own for a new version that crashes', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(SECOND)
    home.journal('bot.start', { pid: 11, release: 'v1' })
    home.journal('bot.crash', { pid: 11, exit: 1 })
    await home.clock.turn(5 * SECOND)
    home.journal('deploy.end', { outcome: 'deployed', active: 'v2' })
    home.journal('bot.start', { pid: 12, release: 'v2' })
    home.journal('bot.crash', { pid: 12, exit: 2 })
    await home.clock.turn(5 * SECOND)
    await home.end()
    const incidents = new Incidents(home.paths.incidents)
    const kept = incidents.list().map((name) => ({ name, ...incidents.read(name) }))
    expect(kept.map(({ release, ends, exit, state }) => [release, ends, exit, state])).to.deep.equal([
      ['v2', 1, 2, 'detected'],
      ['v1', 1, 1, 'recovered'],
    ])
    for (const { name } of kept) expect(incidents.evidence(name, 'first'), name).to.not.equal(undefined)
  })

  it('alerts about an exit that came while the watchdog before was dead, and about none twice', async () => {
    const killed = new Watched()
    killed.begin()
    await killed.clock.turn(SECOND)
    killed.journal('bot.start', { pid: 11, release: null })
    killed.journal('bot.crash', { pid: 11, exit: 1 })
    await killed.clock.turn(2 * SECOND) // from now on nobody hears of it
    killed.journal('bot.start', { pid: 12, release: null })
    killed.journal('bot.lost', { pid: 11 })
    killed.journal('bot.lost', { pid: 12 })
    const next = new Watched(killed.paths)
    await next.clock.turn(5 * SECOND) // as late as that
    next.begin()
    await next.clock.turn(2 * SECOND)
    expect([...new Set(next.alerts.map(({ id, ends }) => `${id} ${ends}`))], 'again, and anew').to.deep.equal([
      `${killed.alerts[0]?.id} 1`,
      `${killed.alerts[0]?.id} 2`,
    ])
    await next.end()
    const later = new Watched(killed.paths)
    later.begin()
    await later.clock.turn(2 * SECOND)
    expect(
      later.alerts.every(({ ends }) => ends === 2),
      'one that has ended as it should has heard all',
    ).to.equal(true)
    await later.end()
    await killed.end()
  })

  it('saves an incident before it alerts about it, so that none is forgotten when it is killed in between', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(SECOND)
    home.journal('bot.start', { pid: 11, release: null })
    home.journal('bot.crash', { pid: 11, exit: 1 })
    await home.clock.turn(2 * SECOND)
    await home.end()
    expect(home.alerts.map(({ state }) => state)).to.include('detected')
    expect(home.savedAtAlert.map((saved) => [saved?.id, saved?.state])).to.deep.equal(
      home.alerts.map(({ id, state }) => [id, state]),
    )
  })

  it('alerts again about the incident over which the watchdog before was killed, open or just over', async () => {
    const found = async (incident: Partial<Incident>, saved: Partial<WatchdogFile> = {}) => {
      const paths = homePaths(tempFolder())
      const wall = new FakeClock().now()
      const whole = { ...openIncident('hangs', wall - 5 * SECOND), ...incident }
      writeWatchdogFile(paths, aWatchdogFile(wall, { watching: true, incident: whole, ...saved }))
      mkdirSync(paths.state, { recursive: true })
      writeDesiredStop(paths, 'ann', wall) // so that there is nothing else to say
      const home = new Watched(paths)
      home.status = { process: 'stopped', exit: null }
      home.begin()
      await home.clock.turn(0)
      const [first] = home.alerts
      await home.end()
      return first?.id === whole.id ? first.state : undefined
    }
    const wall = new FakeClock().now()
    expect(await found({ state: 'detected' })).to.equal('detected')
    expect(await found({ state: 'recovered', recoveredAt: wall - SECOND })).to.equal('recovered')
    expect(await found({ state: 'recovered', recoveredAt: wall - 3600 * SECOND }), 'long over').to.equal(undefined)
    const stopped = { watching: false }
    expect(await found({ state: 'recovered', recoveredAt: wall - SECOND }, stopped), 'stopped').to.equal(undefined)
  })

  it('saves an incident later that could not be saved, once it can, and says so once', async () => {
    const home = new Watched()
    writeFileSync(home.paths.incidents, '') // where its folder should be
    home.begin()
    await home.clock.turn(SECOND)
    home.journal('bot.start', { pid: 11, release: null })
    home.journal('bot.crash', { pid: 11, exit: 1 })
    await home.clock.turn(120 * SECOND)
    const saved = () => new Incidents(home.paths.incidents).list().length
    expect(home.complaints.filter((line) => line.includes('the incident can'))).to.have.length(1)
    rmSync(home.paths.incidents)
    await home.clock.turn(120 * SECOND)
    expect(saved()).to.equal(1)
    await home.end()
  })

  it('opens no incident for an exit that its own recovery of a deployment causes', async () => {
    const home = new Watched()
    home.recover = async () => {
      home.journal('bot.lost', { pid: 1 })
      rmSync(home.paths.deployment)
      home.journal('deploy.end', { outcome: 'rolled_back' })
    }
    home.begin()
    writeFileSync(home.paths.deployment, '{"id":"x"}')
    await home.clock.turn(5 * SECOND)
    expect(home.alerts).to.deep.equal([])
    home.journal('bot.crash', { exit: 1 })
    await home.clock.turn(5 * SECOND)
    await home.end()
    expect(home.alerts.at(-1)?.ends).to.equal(1)
  })

  it('has a release built anew once that can not start, also across its own restart', async () => {
    const home = new Watched()
    const repaired: string[] = []
    const active = 'v1-1a2b3c4d'
    mkdirSync(join(home.paths.releases, active), { recursive: true })
    writePointer(home.paths, { name: active, commit: '1a2b3c4d' })
    const refuse = async (watched: Watched, pid: number) => {
      watched.repair = async (release) => void repaired.push(release)
      watched.journal('bot.start', { pid, release: active })
      watched.journal('bot.crash', { pid, exit: 1, error: 'Python is gone', code: 'RUNTIME_CHANGED', release: active })
      await watched.clock.turn(5 * SECOND)
    }
    home.begin()
    await home.clock.turn(5 * SECOND)
    await refuse(home, 11)
    await refuse(home, 12)
    expect(home.alerts.at(-1), 'and gives up as after any other crash').to.include({ why: 'ended', ends: 2 })
    await home.end()
    const next = new Watched(home.paths)
    next.begin()
    await next.clock.turn(5 * SECOND)
    await refuse(next, 13)
    await next.end()
    expect(repaired).to.deep.equal([active])
  })

  it('takes a release back once that falls into a crash loop, also across its own restart', async () => {
    const home = new Watched()
    const taken: string[] = []
    const active = 'v2-1a2b3c4d'
    mkdirSync(join(home.paths.releases, active), { recursive: true })
    writePointer(home.paths, { name: active, commit: '1a2b3c4d' })
    const crash = async (watched: Watched, pid: number) => {
      watched.takeBack = async (release) => {
        taken.push(release)
        return 'done'
      }
      watched.journal('bot.start', { pid, release: active })
      watched.journal('bot.crash', { pid, exit: 1, error: 'no such price' })
      await watched.clock.turn(5 * SECOND)
    }
    home.begin()
    await home.clock.turn(5 * SECOND)
    for (let pid = 11; pid <= 14; pid++) await crash(home, pid)
    expect(taken, 'four exits are no crash loop').to.deep.equal([])
    await crash(home, 15)
    expect(taken).to.deep.equal([active])
    await crash(home, 16)
    await home.end()
    const next = new Watched(home.paths)
    next.begin()
    await next.clock.turn(5 * SECOND)
    await crash(next, 17)
    await next.end()
    expect(taken).to.deep.equal([active])
  })

  it('opens no incident for an exit of a deployment that is over when it observes', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(5 * SECOND)
    writeFileSync(home.paths.deployLock, JSON.stringify({ ...thisProcess(), instance: 'x' }))
    home.journal('bot.lost', { pid: 1 })
    home.journal('deploy.end', { outcome: 'deployed' })
    rmSync(home.paths.deployLock)
    await home.clock.turn(5 * SECOND)
    await home.end()
    expect(home.alerts).to.deep.equal([])
  })

  it('alerts about an exit right after a deployment that its last observation still saw', async () => {
    const home = new Watched()
    writeFileSync(home.paths.deployLock, JSON.stringify({ ...thisProcess(), instance: 'x' }))
    home.begin()
    await home.clock.turn(5 * SECOND)
    rmSync(home.paths.deployLock)
    home.journal('bot.crash', { exit: 1 })
    await home.clock.turn(2 * SECOND)
    await home.end()
    expect(home.alerts.at(-1)).to.include({ why: 'ended', ends: 1, exit: 1 })
  })

  it('does not alert about the exit of a bot that was stopped on purpose', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(5 * SECOND)
    writeDesiredStop(home.paths, 'somebody', home.clock.now())
    home.journal('bot.crash', { exit: 1 })
    await home.clock.turn(2 * SECOND)
    await home.end()
    expect(home.alerts).to.deep.equal([])
  })

  it('alerts about a bot that refuses to start although the journal can not be written', async () => {
    const home = new Watched()
    home.journal = () => {
      throw new Error('EACCES')
    }
    home.begin()
    await home.watch.childExited({ pid: 7, exit: 77, isByItself: true })
    await home.clock.turn(2 * SECOND)
    await home.end()
    expect(home.alerts.at(-1)).to.include({ why: 'settings', state: 'needs_attention', exit: 77 })
  })

  it('alerts at once about its own child that was killed, and not again when the next bot reports it', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(5 * SECOND)
    const killedAt = home.clock.now()
    await home.watch.childExited({ pid: 7, exit: null, isByItself: false })
    await home.clock.turn(SECOND)
    expect(home.alerts.at(-1)).to.include({ why: 'ended', ends: 1, since: killedAt })
    await home.clock.turn(60 * SECOND)
    home.journal('bot.lost', { pid: 7 })
    home.journal('bot.start', { pid: 8 })
    await home.clock.turn(5 * SECOND)
    await home.end()
    expect(home.alerts.at(-1)).to.include({ ends: 1 })
  })

  it('takes the exit of its child from the journal, and opens no incident for a requested stop', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(5 * SECOND)
    home.journal('bot.stop', { pid: 7, exit: 0 })
    await home.watch.childExited({ pid: 7, exit: 0, isByItself: true })
    await home.clock.turn(5 * SECOND)
    expect(home.alerts).to.deep.equal([])
    home.journal('bot.crash', { pid: 8, exit: 1 })
    await home.watch.childExited({ pid: 8, exit: 1, isByItself: true })
    await home.clock.turn(5 * SECOND)
    await home.end()
    expect(home.alerts.at(-1)).to.include({ ends: 1, exit: 1 })
  })

  it('writes down that its child refused to start, which that could not write', async () => {
    const home = new Watched()
    home.begin()
    await home.watch.childExited({ pid: 7, exit: 1, isByItself: true })
    await home.clock.turn(5 * SECOND)
    await home.end()
    const { entries } = readJournal(home.paths.journal)
    expect(entries.find(({ kind }) => kind === 'bot.refused')).to.include({ pid: 7, exit: 1 })
    expect(home.alerts.at(-1)).to.include({ ends: 1, exit: 1 })
  })

  it('ignores an exit caused by a deployment or by a stop on purpose', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(5 * SECOND)
    writeFileSync(home.paths.deployLock, JSON.stringify({ ...thisProcess(), instance: 'x' }))
    await home.watch.childExited({ pid: 7, exit: null, isByItself: false })
    rmSync(home.paths.deployLock)
    writeDesiredStop(home.paths, 'somebody', home.clock.now())
    await home.watch.childExited({ pid: 8, exit: null, isByItself: false })
    await home.clock.turn(5 * SECOND)
    await home.end()
    expect(home.alerts).to.deep.equal([])
  })

  describe('in a pause', () => {
    const pauseFor = (home: Watched, length: string) =>
      writePause(home.paths, makePause({ length, why: 'moving', by: 'ann' }, home.clock.now()))

    it('does nothing about a fault, logs it, and beats; afterwards it judges the fault afresh', async () => {
      const home = new Watched()
      home.begin()
      await home.clock.turn(SECOND)
      pauseFor(home, '2h')
      home.status = { process: 'failed', exit: 1 }
      home.journal('bot.start', { pid: 11, release: null })
      home.journal('bot.crash', { pid: 11, exit: 1 })
      await home.clock.turn(7000 * SECOND)
      expect({ alerts: home.alerts, starts: home.starts }).to.deep.equal({ alerts: [], starts: 0 })
      expect(new Incidents(home.paths.incidents).list()).to.deep.equal([])
      expect(home.beats.length).to.be.above(100)
      for (const beat of home.beats.filter(({ is }) => is !== 'started').slice(1))
        expect(beat)
          .to.include({ is: 'paused' })
          .and.have.property('message')
          .that.matches(/^The watchdog is paused until .* by ann: moving$/)
      expect(home.said.join('\n')).to.match(/paused until .* by ann: moving/)
      expect(home.said.join('\n')).to.include('the bot exited (exit code 1): nothing is done in a pause')
      await home.clock.turn(400 * SECOND)
      await home.end()
      expect(home.said).to.include('the pause is over: the bot is judged afresh')
      expect(home.starts).to.be.above(0)
      expect(home.alerts[0]).to.include({ why: 'down' })
    })

    it('acts again as soon as somebody ends it', async () => {
      const home = new Watched()
      pauseFor(home, '7d')
      home.status = { process: 'failed', exit: 1 }
      home.begin()
      await home.clock.turn(600 * SECOND)
      expect(home.starts).to.equal(0)
      clearPause(home.paths)
      await home.clock.turn(150 * SECOND)
      await home.end()
      expect(home.starts).to.equal(1)
    })

    it('stays in it when it is started again, says nothing more of an incident, and recovers no deployment', async () => {
      const paths = homePaths(tempFolder())
      const wall = new FakeClock().now()
      const incident = openIncident('hangs', wall - 5 * SECOND)
      mkdirSync(paths.state, { recursive: true })
      writeWatchdogFile(paths, aWatchdogFile(wall, { watching: true, incident }))
      writeFileSync(paths.deployment, '{}')
      const home = new Watched(paths)
      pauseFor(home, '2h')
      let recoveries = 0
      home.recover = async () => void recoveries++
      home.journal('bot.crash', { pid: 11, exit: 1 })
      home.begin()
      await home.clock.turn(600 * SECOND)
      expect(home.alerts).to.deep.equal([])
      expect(recoveries).to.equal(0)
      clearPause(paths)
      await home.clock.turn(100 * SECOND)
      await home.end()
      expect(recoveries).to.equal(1)
    })

    it('gives up a restart that was about to stop the bot', async () => {
      const home = new Watched()
      home.stopBot = async () => {
        pauseFor(home, '2h')
        return 'killed'
      }
      home.status = { process: 'failed', exit: 1 }
      home.begin()
      await home.clock.turn(600 * SECOND)
      await home.end()
      expect(home.starts).to.equal(0)
    })
  })

  it('takes a bot that never writes where it listens for a silent one', async () => {
    const home = new Watched()
    home.begin()
    const since = new Date(home.clock.now()).toISOString()
    writeFileSync(home.paths.bot, JSON.stringify(aBotFile({ since })))
    await home.clock.turn(RULES.freezeThresholdMs)
    expect(home.alerts).to.deep.equal([])
    await home.clock.turn(RULES.freezeThresholdMs)
    await home.end()
    expect(home.alerts[0]).to.include({ why: 'silent' })
  })

  it('goes on, and stops no bot, while its supervisor can not be read', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(5 * SECOND)
    home.isOver = () => {
      throw new Error('ENFILE')
    }
    await home.clock.turn(5 * SECOND)
    home.isOver = () => false
    home.journal('bot.crash', { exit: 1 })
    await home.clock.turn(5 * SECOND)
    await home.end()
    expect(home.alerts.at(-1)?.ends).to.equal(1)
    expect(home.complaints.join()).to.include('ENFILE')
  })
})
