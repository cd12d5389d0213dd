import { expect } from 'chai'
import type { DrillResult } from '#core/drill/run-drill.js'
import type { Incident } from '#core/incidents/incident.js'
import { freePort } from '../support/e2e/server.js'
import { until } from '../support/e2e/until.js'
import { removeFolder } from '../support/temp.js'
import { LONG_MS, MODULE, WATCHED, Watchdog } from './watched.js'
import { WindowsBox, type WindowsHome } from './windows-box.js'

/** As long as evidence may keep a bot waiting, and a moment on a busy machine. */
const EVIDENCE_MS = 15_000

describe('the watchdog on Windows', () => {
  const box = new WindowsBox()

  before(async function () {
    this.timeout(600_000)
    await box.start()
  })

  after(() => box.stop())

  async function watchedHome(name: string): Promise<{ home: WindowsHome; watchdog: Watchdog }> {
    const home = box.home(name, { 'bot.mjs': MODULE })
    home.writeSettings({
      ...WATCHED,
      BOT_START_TIMEOUT: '30',
      WATCHDOG_CHECK_INTERVAL: '1',
      WATCHDOG_FREEZE_THRESHOLD: '8', // a busy machine needs a part of it to start the next bot
      HEALTH_CHECK_PORT: String(await freePort()),
    })
    return { home, watchdog: new Watchdog(home, home.folder) }
  }

  async function drilled(home: WindowsHome, kind: string): Promise<DrillResult> {
    const { code, stdout, output } = await home.command('drill', kind, '--yes', '--json')
    expect(code, `${output}\n${logs(home)}`).to.equal(0)
    return JSON.parse(stdout)
  }

  /** So that a failure tells what the watchdog saw. */
  function logs(home: WindowsHome): string {
    return ['watchdog.log', 'service_watchdog_stderr.log'].map((name) => home.read(`data/logs/${name}`)).join('\n')
  }

  /** The function that blocked is known, and its evidence has not held up the restart. */
  function expectEvidence(watchdog: Watchdog, incident: Incident): void {
    const { where, processes, missing } = watchdog.evidence(incident)
    expect(where?.what, missing.join('\n')).to.equal('Its event loop is blocked.')
    expect(where?.lines.join('\n')).to.contain('catalystDrillFreeze')
    if (processes === null) expect(missing.join('\n')).to.match(/^the processes: /m)
    const { events } = watchdog.record(incident)
    const [detected, restarting] = ['detected', 'restarting'].map(
      (state) => events.findLast((one) => one.state === state)?.at,
    )
    expect((restarting as number) - (detected as number)).to.be.within(0, EVIDENCE_MS)
  }

  describe('as a service beside the bot', () => {
    let home: WindowsHome
    let watchdog: Watchdog
    let sound: { pid: number; restarts: number }
    let since: number

    before(async () => {
      ;({ home, watchdog } = await watchedHome('Lab'))
      const { code, output } = await home.service('install', '--with-watchdog', '--yes')
      expect(code, output).to.equal(0)
      await until(() => watchdog.file(), LONG_MS)
    })

    after(async () => {
      await box.emptied((await home.service('uninstall', '--yes')).output)
    })

    beforeEach(async () => {
      sound = await watchdog.calm()
      since = Date.now()
    })

    it('sees a crash, which spends no restart', async () => {
      const { steps } = await drilled(home, 'crash')
      expect(steps.map(({ what }) => what)).to.include('the bot exited with code 1')
      const incident = await watchdog.broughtBack(sound, since, 0)
      expect(incident).to.include({ why: 'ended', ends: 1, exit: 1 })
    })

    it('brings back a bot whose event loop is blocked', async () => {
      await drilled(home, 'freeze')
      const incident = await watchdog.broughtBack(sound, since)
      expect(incident.why).to.equal('silent')
      expectEvidence(watchdog, incident)
    })

    it('leaves alone what net stop has stopped, until somebody starts it', async () => {
      await box.wine('net', 'stop', 'Lab')
      await watchdog.looks(5)
      expect(watchdog.file().status).to.equal('unreachable')
      expect((await box.nssm('status', 'Lab')).stdout.trim()).to.equal('SERVICE_STOPPED')
      expect(watchdog.restarts()).to.equal(sound.restarts)
      await box.wine('net', 'start', 'Lab')
      const again = await watchdog.calm()
      expect(again.pid).to.not.equal(sound.pid)
      await box.kill(again.pid)
      await watchdog.broughtBack(again, since, 0)
    })
  })

  describe('without a service', () => {
    let home: WindowsHome
    let watchdog: Watchdog

    before(async () => {
      ;({ home, watchdog } = await watchedHome('Child'))
      void home.begin('watchdog', 'run')
      await until(() => watchdog.file(), LONG_MS)
    })

    after(async () => {
      for (const pid of [watchdog.file().pid, watchdog.botPid()]) await box.kill(pid)
      removeFolder(home.folder)
    })

    it('brings back a bot that crashes, or whose event loop is blocked', async () => {
      for (const [drill, restarts] of [
        ['crash', 0],
        ['freeze', 1],
      ] as const) {
        const sound = await watchdog.calm()
        const since = Date.now()
        await drilled(home, drill)
        const incident = await watchdog.broughtBack(sound, since, restarts)
        if (drill === 'freeze') expectEvidence(watchdog, incident)
      }
    })
  })
})
