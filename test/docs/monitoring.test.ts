import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { alertCounts } from '#core/alerts/status.js'
import { backupMetrics } from '#core/backup/backup-facts.js'
import { readConfig } from '#core/config/load.js'
import { homePaths } from '#core/home/home-paths.js'
import { openIncident } from '#core/incidents/incident.js'
import { botMetrics, processFigures } from '#core/metrics/bot-metrics.js'
import type { AnyFamily } from '#core/metrics/family.js'
import { watchdogMetrics } from '#core/watchdog/watchdog-metrics.js'
import { aMonitor } from '../support/builders/monitor.js'
import { aWatchdogFile } from '../support/builders/watchdog-file.js'
import { faultOf } from '../support/command-line.js'
import { FakeClock } from '../support/fake-clock.js'
import { removeTempFolders, tempFolder } from '../support/temp.js'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../docs/${path}`, import.meta.url)), 'utf8')
const RULES = read('monitoring/catalyst.rules.yml')
const DASHBOARD = read('monitoring/grafana-dashboard.json')
const GUIDE = read('monitoring.md')

/** Every metric that there can be, with its labels. */
function families(): AnyFamily[] {
  const clock = new FakeClock()
  const monitor = aMonitor(clock)
  monitor.recordCycle({ durationMs: 1 })
  monitor.setDependency('db', undefined)
  const paths = homePaths(tempFolder())
  const { settings } = readConfig(paths.home, {})
  const file = aWatchdogFile(clock.now(), { incident: openIncident('hangs', clock.now()) })
  return [
    ...botMetrics({
      monitor,
      gauges: {
        disk: { freeBytes: 1, usedBytes: 1, totalBytes: 2 },
        gpu: { utilizationPercent: 1, vramUsedMb: 1, vramTotalMb: 1, temperatureCelsius: 1 },
        eventLoopLagMs: 1,
        clockOffsetSeconds: 0,
      },
      identity: { version: '1', release: null, environment: 'test' },
      process: processFigures(),
      programBytes: 1,
    }),
    ...watchdogMetrics({
      file,
      running: true,
      pause: undefined,
      alerts: alertCounts(paths),
      settings,
      wall: clock.now(),
    }),
    ...backupMetrics(paths, { ...settings, BACKUP_REPOSITORY: '/backups' }, clock.now()),
  ]
}

describe('docs/monitoring', () => {
  after(removeTempFolders)

  const labelsOf = new Map(
    families().map((family) => [
      family.name,
      family.type === 'histogram' ? ['le'] : Object.keys(family.samples[0]?.labels ?? {}),
    ]),
  )
  const known = (name: string) => labelsOf.has(name) || labelsOf.has(name.replace(/_(bucket|sum|count)$/, ''))
  const used = (text: string) => [...new Set(text.match(/\b(?:catalyst|process)_[a-z_]+[a-z]\b/g))]

  it('uses no metric that is not there, in its rules and its dashboard', () => {
    for (const [where, text] of Object.entries({ RULES, DASHBOARD })) {
      const names = used(text)
      expect(names.length, where).to.be.greaterThan(8)
      expect(
        names.filter((name) => !known(name)),
        where,
      ).to.deep.equal([])
    }
  })

  it('has a dashboard whose queries use the data source and the bots that are chosen', () => {
    const { panels, templating } = JSON.parse(DASHBOARD)
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }: { expr: string }) => expr))
    expect(queries.length).to.be.greaterThan(15)
    for (const query of queries) expect(query).to.include('bot=~"$bot"')
    expect(templating.list.map(({ name }: { name: string }) => name)).to.deep.equal(['datasource', 'bot'])
    const ids = panels.map(({ id }: { id: number }) => id)
    expect(new Set(ids).size).to.equal(ids.length)
  })

  it('names in its guide every metric with its labels, and no other', () => {
    const rows = GUIDE.split('\n### Names of before')[0]?.matchAll(/^\| (`(?:catalyst|process)_.+?) \|(.*?)\|/gm) ?? []
    const listed = [...rows].flatMap(([, names = '', labels = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name]) => [
        name,
        [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
      ]),
    )
    expect(Object.fromEntries(listed)).to.deep.equal(Object.fromEntries(labelsOf))
  })

  it('names in its guide every alert, and no other', () => {
    const alerts = [...RULES.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name)
    const listed = [...GUIDE.matchAll(/^\| `(Catalyst\w+)` \|/gm)].map(([, name]) => name)
    expect(listed).to.deep.equal(alerts)
  })

  it('names in its alerts only commands of ours', async () => {
    const commands = [...RULES.matchAll(/\b(?:machine: |then )catalyst ([a-z -]+[a-z])/g)].map(
      ([, text]) => text as string,
    )
    expect(commands.length).to.be.greaterThan(6)
    for (const text of commands) expect(await faultOf({ text, isTyped: true }), text).to.equal(undefined)
  })

  it('has nothing in its folder that the guide does not link', () => {
    const folder = fileURLToPath(new URL('../../docs/monitoring', import.meta.url))
    for (const name of readdirSync(folder)) expect(GUIDE).to.include(`(monitoring/${name})`)
  })
})
