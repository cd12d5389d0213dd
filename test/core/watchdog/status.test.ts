import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { watchdogText } from '#cli/watchdog/watchdog-text.js'
import { readConfig } from '#core/config/load.js'
import { homePaths } from '#core/home/home-paths.js'
import { makePause, type Pause } from '#core/home/pause.js'
import { type Incident, openIncident } from '#core/incidents/incident.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { localTime } from '#core/text.js'
import { watchdogLine, watchdogStatus } from '#core/watchdog/status.js'
import { writeWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { aWatchdogFile } from '../../support/builders/watchdog-file.js'
import { tempFolder } from '../../support/temp.js'

describe("the watchdog's status", () => {
  const settings = (more: string) => {
    const home = tempFolder()
    writeFileSync(join(home, '.env'), more)
    return { paths: homePaths(home), settings: readConfig(home, {}).settings }
  }
  const wall = Date.parse('2026-03-01T12:00:00Z')
  const ago = (minutes: number) => wall - minutes * 60_000

  it('is unknown before the first observation', async () => {
    const { paths, settings: known } = settings('')
    expect(await watchdogStatus(paths, known, wall)).to.deep.equal({
      running: false,
      enabled: false,
      pid: null,
      shared: false,
      paused: null,
      bot: null,
      last_check: null,
      late: false,
      next_check: null,
      restarts_used: 0,
      restarts_left: 3,
      next_restart: null,
      incident: null,
      alerts: { waiting: [], given_up: [] },
    })
  })

  it('counts the restarts of the last hour, and says when the next is possible', async () => {
    const { paths, settings: known } = settings('WATCHDOG_MAX_RESTARTS=2\n')
    writeWatchdogFile(paths, aWatchdogFile(ago(1), { restarts: [ago(70), ago(50), ago(10)] }))
    expect(await watchdogStatus(paths, known, wall)).to.include({
      restarts_used: 2,
      restarts_left: 0,
      next_restart: '2026-03-01T12:10:00.000Z',
      last_check: '2026-03-01T11:59:00.000Z',
    })
    writeWatchdogFile(paths, aWatchdogFile(ago(1), { restarts: [ago(70), ago(50)] }))
    expect(await watchdogStatus(paths, known, wall)).to.include({ restarts_left: 1, next_restart: null })
  })
})

describe('the status of a watchdog that runs', () => {
  it('marks an old observation as late, as on a full disk', async () => {
    const home = tempFolder()
    const [paths, { settings }] = [homePaths(home), readConfig(home, {})]
    const wall = Date.parse('2026-03-01T12:00:00Z')
    writeWatchdogFile(paths, aWatchdogFile(wall, { status: 'healthy' }))
    writeFileSync(paths.watchdogLock, JSON.stringify({ ...thisProcess(), instance: 'x' }))
    const at = async (minutes: number) => {
      const status = await watchdogStatus(paths, settings, wall + minutes * 60_000)
      return { late: status.late, text: watchdogText(status) }
    }
    expect(await at(1)).to.deep.include({ late: false })
    expect((await at(1)).text).to.match(/the bot +healthy/)
    expect((await at(12)).late).to.equal(true)
    expect((await at(12)).text).to.match(/the bot +not known; at the last check it was healthy/)
    expect((await at(12)).text).to.contain('is the disk full?')
    writeFileSync(paths.watchdogLock, '{}')
    expect(await at(12), 'one that does not run').to.include({ late: false })
  })
})

describe('the last incident in the status of a watchdog', () => {
  it('is called a crash loop, and says why it needs attention', async () => {
    const paths = homePaths(tempFolder())
    const { settings } = readConfig(paths.home, {})
    const at = Date.parse('2026-03-01T12:00:00Z')
    const attention = { why: 'restarts_used_up', limit: 3, nextRestartAt: at + 60_000 } as const
    const shown = async (changes: Partial<Incident>) => {
      const incident = { ...openIncident('ended', at), ...changes }
      writeWatchdogFile(paths, aWatchdogFile(at, { incident }))
      const status = await watchdogStatus(paths, settings, at)
      return [watchdogText(status).split('\n').at(-1), status.incident?.crash_loop, status.incident?.attention]
    }
    expect(await shown({ ends: 5 })).to.deep.equal([
      'last incident  2026-03-01 12:00:00: crash loop, detected',
      true,
      null,
    ])
    expect(await shown({ why: 'hangs', state: 'needs_attention', attention })).to.deep.equal([
      'last incident  2026-03-01 12:00:00: hangs, needs attention: the restarts of an hour are used up',
      false,
      { why: 'restarts_used_up', next_restart: '2026-03-01T12:01:00.000Z' },
    ])
    expect(await shown({ why: 'hangs', state: 'recovered', attention }), 'of one that is over').to.deep.equal([
      'last incident  2026-03-01 12:00:00: hangs, recovered',
      false,
      null,
    ])
  })
})

describe('the line for the service manager', () => {
  it('says that the watchdog is paused', () => {
    const { settings } = readConfig(tempFolder(), {})
    const at = Date.parse('2026-03-01T12:00:00Z')
    const line = (...more: [Pause?]) => watchdogLine(aWatchdogFile(at, { status: 'healthy' }), settings, at, ...more)
    expect(line()).to.equal('the bot is healthy: 3 of 3 restarts left')
    const pause = makePause({ length: '2h', why: 'x', by: 'ann' }, at)
    expect(line(pause)).to.equal(`paused until ${localTime(pause.until)}, the bot is healthy: 3 of 3 restarts left`)
  })
})

describe('the status of a watchdog that does not run', () => {
  const shown = async (env: string) => {
    const home = tempFolder()
    writeFileSync(join(home, '.env'), env)
    const text = watchdogText(await watchdogStatus(homePaths(home), readConfig(home, {}).settings, 0))
    return text.split('\n')[0]
  }

  it('says why, or how to start it', async () => {
    expect(await shown('')).to.match(/does not run: WATCHDOG_ENABLED is off$/)
    expect(await shown('WATCHDOG_ENABLED=1\n')).to.match(/does not run: catalyst service start watchdog, or /)
  })
})
