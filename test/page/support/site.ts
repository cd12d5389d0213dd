import { dirname } from 'node:path'
import { pageFacts } from '#core/condition/page-facts.js'
import { readConfig } from '#core/config/load.js'
import { healthEndpoint } from '#core/health/endpoint/endpoint.js'
import { History } from '#core/health/history/history.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { StatusPage } from '#core/health/page/status-page.js'
import { withoutPaths } from '#core/health/page/without-paths.js'
import { healthReport } from '#core/health/report.js'
import { writePointer } from '#core/home/active-release.js'
import { homePaths } from '#core/home/home-paths.js'
import { type Incident, openIncident } from '#core/incidents/incident.js'
import { Incidents } from '#core/incidents/store.js'
import { writeJson } from '#core/platform/fs/json-file.js'
import { appendText, makeFolder } from '#core/platform/fs/write-files.js'
import { serve } from '#core/platform/net/http.js'
import { printable } from '#core/printable.js'
import { aMonitor } from '../../support/builders/monitor.js'
import { tempFolder } from '../../support/temp.js'
import { HandClock } from './hand-clock.js'
import { fillMonths, type Outage } from './months.js'

/** A noon in spring. */
const NOON = Date.parse('2026-03-11T12:24:09Z')
const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const MIDNIGHT = Math.floor(NOON / DAY_MS) * DAY_MS
const RELEASE = 'v1.8.2-5c31f0d2'

const OUTAGES: readonly Outage[] = [
  { daysAgo: 76, hour: 2, minutes: 24, kind: 'failingMs' },
  { daysAgo: 61, hour: 9, minutes: 600, kind: 'stoppedMs' },
  { daysAgo: 60, hour: 0, minutes: 24 * 60, kind: 'stoppedMs' },
  { daysAgo: 47, hour: 4, minutes: 3, kind: 'failingMs' },
  { daysAgo: 33, hour: 1, minutes: 190, kind: 'failingMs' },
  { daysAgo: 19, hour: 15, minutes: 5, kind: 'failingMs' },
  { daysAgo: 6, hour: 3, minutes: 37, kind: 'failingMs' },
]

export interface SiteOptions {
  readonly name?: string
  /** What the bot is like, after it has worked well. */
  readonly be?: (monitor: HealthMonitor) => void
  readonly token?: string
  readonly isNew?: boolean
  /** The port to listen on; any free one by default. */
  readonly port?: number
}

/** Serves the endpoint of a bot with months behind it, some of which went wrong. */
export async function openSite({ name = 'Harbor news', be, token, isNew = false, port = 0 }: SiteOptions = {}) {
  const clock = new HandClock(NOON)
  const paths = homePaths(tempFolder())
  const history = new History()
  if (!isNew) {
    fillMonths(history, NOON, OUTAGES)
    writeEvents(paths)
  }
  const started = { now: () => NOON - 76 * 3_600_000, monotonic: () => NOON - 76 * 3_600_000 }
  const ticking = { isStarting: true }
  const monitorClock = {
    now: () => (ticking.isStarting ? started.now() : clock.now()),
    monotonic: () => (ticking.isStarting ? started.monotonic() : clock.monotonic()),
    after: () => () => {},
  }
  const monitor = aMonitor(monitorClock, { signals: [{ name: 'cycle', setMs: 30_000 }] })
  monitor.setRunning()
  monitor.recordCycle({ durationMs: 620 })
  monitor.state()
  ticking.isStarting = false
  for (let alert = 0; alert < 6; alert++) monitor.recordAlert()
  for (let cycle = 0; cycle < 1874; cycle++) monitor.recordCycle({ durationMs: 640 })
  monitor.recordError()
  monitor.setDependency('telegram', undefined)
  monitor.setDependency('news_feed', undefined)
  monitor.setDependency('prices', undefined)
  be?.(monitor)
  const gauges = {
    disk: { freeBytes: 31e9, usedBytes: 29e9, totalBytes: 64e9 },
    gpu: undefined,
    eventLoopLagMs: 3,
    clockOffsetSeconds: 0.012,
  }
  const identity = {
    name,
    version: '0.2.0',
    release: RELEASE,
    environment: 'production',
    features: { alerts: true, daily_digest: true, charts: false, health_endpoint: true },
  }
  const config = readConfig(paths.home, {})
  const page = new StatusPage(clock, {
    report: () => healthReport(monitor, gauges, identity, clock.now()),
    history,
    facts: async () => pageFacts(clock, { paths, config }),
    clean: (text) => printable(withoutPaths(text, paths.home)),
  })
  const listener = await serve(
    { host: '127.0.0.1', port },
    healthEndpoint({
      instance: 'abc',
      access: { token, host: '127.0.0.1' },
      state: () => monitor.state(),
      report: () => healthReport(monitor, gauges, identity, clock.now()),
      metrics: async () => '',
      page,
    }),
  )
  return {
    url: `http://127.0.0.1:${listener.port}`,
    clock,
    history,
    monitor,
    page,
    paths,
    /** Cuts all connections off, without a word, and takes no others. */
    drop: () => listener.close(),
    async close() {
      page.live.close()
      await listener.close()
    },
  }
}

export type Site = Awaited<ReturnType<typeof openSite>>

function writeEvents(paths: ReturnType<typeof homePaths>): void {
  makeFolder(dirname(paths.journal))
  const note = (daysAgo: number, time: string, kind: string, details: object) => {
    const at = new Date(MIDNIGHT - daysAgo * DAY_MS + Date.parse(`1970-01-01T${time}Z`)).toISOString()
    appendText(paths.journal, `${JSON.stringify({ time: at, kind, ...details })}\n`)
  }
  note(84, '00:00:00', 'bot.start', { pid: 811, release: 'v1.7.0-aa10b2c3' })
  note(61, '09:00:00', 'service.stop', { name: 'HarborNews', by: 'mara' })
  note(61, '09:00:01', 'bot.stop', { pid: 811, exit: 0, ran_seconds: 1_990_000, asked_by: 'SIGTERM' })
  note(59, '00:00:00', 'bot.start', { pid: 902, release: 'v1.7.0-aa10b2c3' })
  note(19, '15:00:10', 'deploy.begin', {
    what: 'deployment',
    release: 'v1.8.0-77e0a1b9',
    from: 'v1.7.0-aa10b2c3',
    by: 'mara',
  })
  note(19, '15:05:02', 'deploy.end', {
    what: 'deployment',
    release: 'v1.8.0-77e0a1b9',
    outcome: 'rolled_back',
    active: 'v1.7.0-aa10b2c3',
    seconds: 292,
    downtime_seconds: 4.1,
    reason: 'it exited by itself with exit code 1: KeyError: FEED_URL',
  })
  note(6, '03:35:40', 'bot.start', { pid: 1201, release: 'v1.8.1-0d4f7c11' })
  note(6, '11:02:00', 'deploy.end', {
    what: 'deployment',
    release: RELEASE,
    outcome: 'deployed',
    active: RELEASE,
    seconds: 48.2,
    downtime_seconds: 1.9,
  })
  note(0, '09:12:00', 'deploy.end', {
    what: 'deployment',
    release: RELEASE,
    outcome: 'deployed',
    active: RELEASE,
    seconds: 41.5,
    downtime_seconds: 1.4,
  })
  const incidents = new Incidents(paths.incidents)
  const save = (daysAgo: number, hour: number, minutes: number, why: Incident['why'], more: Partial<Incident>) => {
    const at = MIDNIGHT - daysAgo * DAY_MS + hour * 3_600_000
    const recoveredAt = at + minutes * MINUTE_MS
    const incident = { ...openIncident(why, at), restartsBegun: 1, restarts: 1, ...more }
    incidents.save({ ...incident, state: 'recovered', recoveredAt }, recoveredAt)
  }
  save(76, 2, 24, 'silent', {})
  save(47, 4, 3, 'ended', { ends: 1, exit: 1, error: 'TypeError: feed.items is not iterable' })
  save(33, 1, 190, 'ended', { ends: 14, exit: 1, error: "ConnectionError: HTTPSConnectionPool(host='feeds.example')" })
  save(6, 3, 35, 'hangs', {})
  save(6, 3.6, 2, 'memory', { memory: { used_mb: 731, limit_mb: 600 } })
  writePointer(paths, { name: RELEASE, commit: '5c31f0d2' })
  writeJson(paths.ratings, {
    commits: [
      {
        commit: '5c31f0d2',
        release: RELEASE,
        tag: 'v1.8.2',
        rating: 'good',
        reason: 'it passed the gate',
        rated_at: new Date(NOON).toISOString(),
        proved_at: new Date(NOON).toISOString(),
        left: null,
        backup: null,
      },
    ],
  })
}
