import { appendFileSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { expect } from 'chai'
import type { Logger } from 'pino'
import { addUnwrittenStart, readUnwrittenStarts } from '#core/bot/starts/unwritten-starts.js'
import { isByPerson, waitForStart } from '#core/bot/starts/wait-for-start.js'
import type { StopSource } from '#core/bot/stop-request.js'
import { readConfig } from '#core/config/load.js'
import { writePointer } from '#core/home/active-release.js'
import { homePaths } from '#core/home/home-paths.js'
import { openJournal, readNewest } from '#core/journal/journal.js'
import { aMonitor } from '../../../support/builders/monitor.js'
import { FakeClock } from '../../../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../../../support/temp.js'

const DAY_MS = 86_400_000

describe('a bot that waits for its start', () => {
  afterEach(removeTempFolders)

  /** Returns a home whose bot has crashed so often, one second after the other, and what waits there. */
  function waiting(crashes: number) {
    // of next year: no boot of this machine, and no file, is newer
    const clock = new FakeClock(Date.now() + 365 * DAY_MS)
    const paths = homePaths(tempFolder())
    mkdirSync(paths.state, { recursive: true })
    writeFileSync(paths.env, 'X=1\n')
    const journal = openJournal(clock, paths.journal, (line) => line)
    const stop = new AbortController()
    let askedBy: StopSource | undefined
    const monitor = aMonitor(clock)
    const said: string[] = []
    let readies = 0
    const run = {
      clock,
      paths,
      config: readConfig(paths.home, {}),
      claim: { instance: 'b', previous: [], update: () => {}, isBehind: () => false, release: () => {} },
      release: undefined,
      monitor,
      log: { warn: (text: string) => said.push(text) } as unknown as Logger,
      journal,
      stopRequest: {
        signal: stop.signal,
        hurry: new AbortController().signal,
        askedBy: () => askedBy,
        ask(by: StopSource) {
          askedBy = by
          stop.abort(by)
        },
        stopListening: () => {},
      },
      ready: () => readies++,
      service: 'Lab',
    }
    const crash = async () => {
      journal.append('bot.start', { release: null })
      await clock.turn(1000)
      journal.append('bot.exit', { exit: 1, ran_seconds: 1 })
    }
    const begin = async (pauseMs = 0) => {
      for (let n = 0; n < crashes; n++) await crash()
      await clock.turn(pauseMs)
      const began = clock.monotonic()
      let end: string | undefined | 'waits' = 'waits'
      const wait = waitForStart(run).then((found) => {
        end = found
        return clock.monotonic() - began
      })
      await clock.turn(0)
      return { wait, end: () => end }
    }
    return { begin, clock, paths, journal, monitor, run, said, readies: () => readies }
  }

  it('does not wait at first, nor after a second crash', async () => {
    for (const crashes of [0, 1, 2]) {
      const { begin, said } = waiting(crashes)
      expect((await begin()).end()).to.equal(undefined)
      expect(said).to.deep.equal([])
    }
  })

  it('says so in its health, its log and the journal, and to its manager, and then starts', async () => {
    const { begin, clock, monitor, said, readies, paths } = waiting(3)
    const { wait, end } = await begin()
    await clock.turn(9900)
    expect(end()).to.equal('waits')
    const [reason] = monitor.state().reasons
    expect(reason).to.match(/^waits until \d\d:\d\d:\d\d before the next start: it exited 3 times .* \(exit code 1\)$/)
    expect([monitor.state().status, said, readies()]).to.deep.equal(['starting', [reason], 1])
    const entry = readNewest(paths.journal).at(-1)
    expect(entry).to.deep.include({ kind: 'bot.wait', instance: 'b', reason: reason?.split('start: ')[1] })
    await clock.turn(3000)
    expect(await wait).to.be.within(10_000, 12_750)
    expect([end(), monitor.isDelayed]).to.deep.equal([undefined, false])
  })

  it('takes a start in a terminal for that of a person, unless the bot has just exited, as in a loop', () => {
    const later = (ms: number) => isByPerson(true, { lastExit: { at: 1000, exit: 1 } }, 1000 + ms)
    expect([later(300), later(10_300), later(15_000)]).to.deep.equal([false, false, true])
    expect(isByPerson(true, { lastExit: undefined }, 1000)).to.equal(true)
    expect(isByPerson(false, { lastExit: undefined }, 1000)).to.equal(false)
  })

  it('starts at once when a person orders it', async () => {
    const { begin, clock, journal, monitor } = waiting(9)
    const { wait } = await begin()
    await clock.turn(5000)
    journal.append('service.start', { name: 'Lab', role: 'bot', by: 'ann' })
    await clock.turn(250)
    expect(await wait).to.be.at.most(5250)
    expect(monitor.isDelayed).to.equal(false)
  })

  it('ends at once when it is asked to stop', async () => {
    const { begin, clock, run } = waiting(9)
    const { wait, end } = await begin()
    await clock.turn(5000)
    run.stopRequest.ask('SIGTERM')
    await clock.turn(0)
    expect([await wait, end()]).to.deep.equal([5000, undefined])
  })

  it('leaves the start to another process once its settings were changed, or its version', async () => {
    const settings = waiting(9)
    const one = await settings.begin()
    writeFileSync(settings.paths.env, 'X=2\n')
    await settings.clock.turn(300)
    expect(one.end()).to.equal('new settings')
    const version = waiting(9)
    const other = await version.begin()
    mkdirSync(`${version.paths.releases}/v2`, { recursive: true })
    writePointer(version.paths, { name: 'v2', commit: '2222' })
    await version.clock.turn(300)
    expect(other.end()).to.equal('another version')
  })

  it('does not wait after a change of its settings, nor with a journal that can not be understood', async () => {
    const changed = waiting(9)
    const later = new Date(changed.clock.now() + 10_000)
    utimesSync(changed.paths.env, later, later)
    expect((await changed.begin(5000)).end()).to.equal(undefined)
    const damaged = waiting(0)
    appendFileSync(damaged.paths.journal, '{"time":5}\nbot.start\n')
    expect((await damaged.begin()).end()).to.equal(undefined)
    const unreadable = waiting(0)
    mkdirSync(unreadable.paths.journal)
    expect((await unreadable.begin()).end()).to.equal(undefined)
    for (let n = 0; n < 5; n++) addUnwrittenStart(unreadable.paths, unreadable.clock.now(), null)
    expect((await unreadable.begin()).end()).to.equal('waits')
  })

  it('waits all the same where its settings were changed in the future, before the clock was set back', async () => {
    const { begin, clock, paths } = waiting(9)
    const future = new Date(clock.now() + DAY_MS)
    utimesSync(paths.env, future, future)
    expect((await begin()).end()).to.equal('waits')
  })

  it('counts the starts that a full disk kept out of the journal', async () => {
    const { begin, clock, paths } = waiting(1)
    for (let n = 0; n < 2; n++) addUnwrittenStart(paths, clock.now() + 1500 + n, null)
    await clock.turn(2000)
    const { wait } = await begin()
    await clock.turn(13_000)
    expect(await wait).to.be.within(7000, 12_500)
  })

  it('keeps as many of those as fit into a spare file', () => {
    const { clock, paths } = waiting(0)
    for (let n = 0; n < 50; n++)
      addUnwrittenStart(paths, clock.now() + n, `v1.2.3-a-rather-long-label-${'x'.repeat(40)}`)
    expect(readUnwrittenStarts(paths)).to.have.length(20)
    expect(statSync(paths.unwrittenStarts).size).to.be.at.most(4096)
  })

  it('waits no longer than by the clock on the wall, as after a sleep of the machine', async () => {
    const { begin, clock } = waiting(9)
    const { wait } = await begin()
    clock.jump(3_600_000)
    await clock.turn(250)
    expect(await wait).to.equal(250)
  })
})
