import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Logger } from 'pino'
import type { BotEnd } from '#core/bot/end-bot.js'
import { readConfig } from '#core/config/load.js'
import { openJournal } from '#core/journal/journal.js'
import { homePaths } from '#core/state/home-paths.js'
import { wishStop } from '#core/state/wanted.js'
import { thisProcess } from '#core/system/processes.js'
import type { Incident } from '#core/watchdog/incident.js'
import { Incidents } from '#core/watchdog/incidents.js'
import type { Keeper } from '#core/watchdog/keeper.js'
import type { Kept } from '#core/watchdog/look.js'
import { Watch } from '#core/watchdog/watch.js'
import { PatientClock } from '../../support/patient-clock.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'
import { RULES } from '../../support/watchdog-rules.js'

const SECOND = 1000

/** A watch over a bot that isn't there; what is found, and what a rescue or a recovery does, is up to each test. */
class Watched {
  readonly clock = new PatientClock()
  readonly paths = homePaths(tempFolder())
  readonly told: Incident[] = []
  readonly complaints: string[] = []
  readonly watch: Watch
  kept: Kept = { process: 'running', exit: null }
  starts = 0
  endBot = async (): Promise<BotEnd> => 'gone'
  recover = async (): Promise<void> => {}
  isOver = (): boolean => false
  journal: (kind: string, details?: Record<string, unknown>) => void
  readonly #end = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor() {
    const { clock, paths } = this
    for (const folder of [paths.state, paths.data]) mkdirSync(folder, { recursive: true })
    const plain = openJournal(clock, paths.journal, (line) => line)
    this.journal = plain.append
    const say = () => {}
    const keeper: Keeper = {
      isOwn: false,
      kept: async () => this.kept,
      details: async () => null,
      obey: async () => {},
      start: async () => {
        this.starts++
      },
    }
    this.watch = new Watch(clock, {
      paths,
      settings: readConfig(paths.home, {}).settings,
      rules: RULES,
      keeper,
      isOver: () => this.isOver(),
      kept: undefined,
      log: { info: say, warn: say, error: (words: string) => this.complaints.push(words) } as unknown as Logger,
      endBot: () => this.endBot(),
      recover: () => this.recover(),
      beat: say,
      incidents: new Incidents(paths.incidents),
      journal: (kind, details) => this.journal(kind, details),
      tell: (incident) => this.told.push(incident),
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

describe('a watch', () => {
  afterEach(removeTempFolders)

  it('goes on after a rescue that broke in the middle', async () => {
    const home = new Watched()
    let ends = 0
    home.endBot = async () => {
      if (ends++ === 0) throw new Error('EPERM')
      return 'killed'
    }
    home.kept = { process: 'failed', exit: 1 }
    home.begin()
    await home.clock.turn(60 * SECOND)
    expect(ends, 'one rescue').to.equal(1)
    await home.clock.turn(300 * SECOND)
    await home.end()
    expect(ends, 'and another one').to.be.above(1)
    expect(home.starts).to.be.above(0)
    expect(home.complaints.join('\n')).to.include('EPERM')
  })

  it('takes no end for an outage that its own recovery of a deployment has brought about', async () => {
    const home = new Watched()
    home.recover = async () => {
      home.journal('bot.lost', { pid: 1 })
      rmSync(home.paths.deployment)
      home.journal('deploy.end', { outcome: 'back' })
    }
    home.begin()
    writeFileSync(home.paths.deployment, '{"id":"x"}')
    await home.clock.turn(5 * SECOND)
    expect(home.told).to.deep.equal([])
    home.journal('bot.crash', { exit: 1 })
    await home.clock.turn(5 * SECOND)
    await home.end()
    expect(home.told.at(-1)?.ends).to.equal(1)
  })

  it('takes no end for an outage that belongs to a deployment which is over by the time of its look', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(5 * SECOND)
    writeFileSync(home.paths.deployLock, JSON.stringify({ ...thisProcess(), instance: 'x' }))
    home.journal('bot.lost', { pid: 1 })
    home.journal('deploy.end', { outcome: 'good' })
    rmSync(home.paths.deployLock)
    await home.clock.turn(5 * SECOND)
    await home.end()
    expect(home.told).to.deep.equal([])
  })

  it('tells of an end right after a deployment, which its last look saw go on', async () => {
    const home = new Watched()
    writeFileSync(home.paths.deployLock, JSON.stringify({ ...thisProcess(), instance: 'x' }))
    home.begin()
    await home.clock.turn(5 * SECOND)
    rmSync(home.paths.deployLock)
    home.journal('bot.crash', { exit: 1 })
    await home.clock.turn(2 * SECOND)
    await home.end()
    expect(home.told.at(-1)).to.include({ why: 'ended', ends: 1, exit: 1 })
  })

  it('tells of no end of a bot that was stopped on purpose', async () => {
    const home = new Watched()
    home.begin()
    await home.clock.turn(5 * SECOND)
    wishStop(home.paths, 'somebody', home.clock.now())
    home.journal('bot.crash', { exit: 1 })
    await home.clock.turn(2 * SECOND)
    await home.end()
    expect(home.told).to.deep.equal([])
  })

  it('survives a journal that can not be written, and tells of a bot that refuses to start all the same', async () => {
    const home = new Watched()
    home.journal = () => {
      throw new Error('EACCES')
    }
    home.begin()
    await home.watch.ended(77)
    await home.end()
    expect(home.told.at(-1)).to.include({ why: 'settings', state: 'needs you', exit: 77 })
  })

  it('goes on, and ends no bot, while it can not be read who keeps it', async () => {
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
    expect(home.told.at(-1)?.ends).to.equal(1)
    expect(home.complaints.join()).to.include('ENFILE')
  })
})
