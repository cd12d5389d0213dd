import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { factsOf, testAlert } from '#core/alerts/alert.js'
import { AlertStore } from '#core/alerts/store.js'
import { readConfig } from '#core/config/load.js'
import { homePaths } from '#core/home/home-paths.js'
import type { Pause } from '#core/home/pause.js'
import { openIncident } from '#core/incidents/incident.js'
import { exposition } from '#core/metrics/exposition.js'
import type { AnyFamily } from '#core/metrics/family.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { type WatchdogFile, writeWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { readWatchdogMetrics, watchdogMetrics } from '#core/watchdog/watchdog-metrics.js'
import { aWatchdogFile } from '../../support/builders/watchdog-file.js'
import { removeTempFolders, tempFolder } from '../../support/temp.js'

const AT = Date.parse('2026-03-01T12:00:00Z')

async function linesOf(families: AnyFamily[]): Promise<string[]> {
  const text = await exposition('Bot', families)
  return text.split('\n').map((line) => line.replace(/,?bot="Bot"/, '').replace('{}', ''))
}

describe("the watchdog's metrics", () => {
  afterEach(removeTempFolders)
  const { settings } = readConfig(tempFolder(), { WATCHDOG_ENABLED: '1' })
  const PAUSE: Pause = {
    by: 'ann',
    since: new Date(AT).toISOString(),
    until: new Date(AT + 1000).toISOString(),
    why: null,
  }
  const figures = (file: WatchdogFile | undefined, pause?: Pause) =>
    watchdogMetrics({ file, running: true, pause, alerts: undefined, settings, wall: AT })

  it('tell of the last check, what it found, and what is left of the restart budget', async () => {
    const file = aWatchdogFile(AT - 5000, {
      status: 'degraded',
      restarts: [AT - 60_000, AT - 90 * 60_000],
      totals: { restarts: { hangs: 4 }, incidents: { hangs: 2, ended: 1 } },
    })
    expect(await linesOf(figures(file))).to.include.members([
      'catalyst_watchdog_enabled 1',
      'catalyst_watchdog_running 1',
      'catalyst_watchdog_paused 0',
      'catalyst_watchdog_paused_until_timestamp_seconds 0',
      `catalyst_watchdog_last_check_timestamp_seconds ${AT / 1000 - 5}`,
      'catalyst_watchdog_check_interval_seconds 60',
      'catalyst_watchdog_bot_up 1',
      'catalyst_watchdog_bot_status{status="degraded"} 1',
      'catalyst_watchdog_bot_status{status="unreachable"} 0',
      'catalyst_watchdog_restart_budget 3',
      'catalyst_watchdog_restarts_left 2',
      'catalyst_watchdog_restarts_total{why="hangs"} 4',
      'catalyst_watchdog_restarts_total{why="silent"} 0',
      'catalyst_watchdog_incidents_total{why="ended"} 1',
      'catalyst_watchdog_incident_open{why="hangs"} 0',
    ])
  })

  it('say that the bot is down when it gave no answer, and which incident is open', async () => {
    const incident = { ...openIncident('ended', AT, 1, AT - 9000), ends: 5, state: 'needs_attention' as const }
    const lines = await linesOf(figures(aWatchdogFile(AT, { status: null, incident })))
    expect(lines).to.include.members([
      'catalyst_watchdog_bot_up 0',
      'catalyst_watchdog_bot_status{status="unreachable"} 1',
      'catalyst_watchdog_incident_open{why="ended"} 1',
      `catalyst_watchdog_incident_since_timestamp_seconds ${AT / 1000 - 9}`,
      'catalyst_watchdog_incident_needs_attention 1',
      'catalyst_watchdog_crash_loop 1',
    ])
    const over = { ...incident, state: 'recovered' as const, recoveredAt: AT }
    const after = await linesOf(figures(aWatchdogFile(AT, { status: 'healthy', incident: over })))
    expect(after).to.include('catalyst_watchdog_incident_open{why="ended"} 0')
    expect(after.filter((line) => line.startsWith('catalyst_watchdog_incident_since'))).to.deep.equal([])
  })

  it('say that it is paused, and until when', async () => {
    const lines = await linesOf(figures(aWatchdogFile(AT), PAUSE))
    expect(lines).to.include.members([
      'catalyst_watchdog_paused 1',
      `catalyst_watchdog_paused_until_timestamp_seconds ${AT / 1000 + 1}`,
    ])
  })

  it('count the alerts that did not go out, by the channel, each from the beginning on', async () => {
    const paths = homePaths(tempFolder())
    const read = async () =>
      (await linesOf(readWatchdogMetrics(paths, settings, AT))).filter((line) => /_alerts_/.test(line))
    expect(await read()).to.include.members([
      'catalyst_watchdog_alerts_waiting{channel="email"} 0',
      'catalyst_watchdog_alerts_waiting{channel="none"} 0',
      'catalyst_watchdog_alerts_given_up_total{channel="discord"} 0',
    ])
    const alert = testAlert(false, factsOf(paths, settings))
    new AlertStore(paths.alerts).add('a', AT, alert)
    const email = new AlertStore(join(paths.alerts, 'email'))
    email.add('a', AT, alert)
    email.add('b', AT, alert)
    email.add('b', AT + 1, alert) // a newer text of the same one
    email.remember({ messages: {}, failures: {}, given_up: [], given_up_total: 12 })
    expect(await read()).to.include.members([
      'catalyst_watchdog_alerts_waiting{channel="email"} 2',
      'catalyst_watchdog_alerts_waiting{channel="none"} 1',
      'catalyst_watchdog_alerts_waiting{channel="telegram"} 0',
      'catalyst_watchdog_alerts_given_up_total{channel="email"} 12',
    ])
  })

  it('are read from the files of a home: one without a watchdog, one that runs, one that is paused', async () => {
    const paths = homePaths(tempFolder())
    const read = async () => linesOf(readWatchdogMetrics(paths, settings, AT))
    const none = await read()
    expect(none).to.include.members(['catalyst_watchdog_running 0', 'catalyst_watchdog_restarts_left 3'])
    expect(none.filter((line) => /last_check|bot_up/.test(line))).to.deep.equal([])
    mkdirSync(paths.state, { recursive: true })
    writeFileSync(paths.watchdogLock, JSON.stringify({ ...thisProcess(), instance: 'x' }))
    writeWatchdogFile(paths, aWatchdogFile(AT, { status: 'whatever"' }))
    expect(await read()).to.include.members([
      'catalyst_watchdog_running 1',
      'catalyst_watchdog_bot_up 0',
      'catalyst_watchdog_bot_status{status="unknown"} 1',
    ])
    for (const [until, paused] of [
      [AT + 1000, 1],
      [AT - 1, 0],
      ['soon', 0],
    ] as const) {
      const text = typeof until === 'number' ? new Date(until).toISOString() : until
      writeFileSync(join(paths.state, 'pause.json'), JSON.stringify({ ...PAUSE, until: text }))
      expect(await read(), String(until)).to.include(`catalyst_watchdog_paused ${paused}`)
    }
  })
})
