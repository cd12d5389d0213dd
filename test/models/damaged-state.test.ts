import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { infoText } from '#cli/deploy/deploy-text.js'
import { incidentLines, incidentText } from '#cli/watchdog/incident-text.js'
import { watchdogText } from '#cli/watchdog/watchdog-text.js'
import { claimHome } from '#core/bot/claim.js'
import { readConfig } from '#core/config/load.js'
import { deployInfo } from '#core/deploy/info.js'
import { recover } from '#core/deploy/recover.js'
import { rollbackCandidates } from '#core/deploy/releases/candidates.js'
import { prune } from '#core/deploy/releases/prune.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { Backups } from '#core/deploy/settings/backups.js'
import { askHealth } from '#core/health/client.js'
import { keepCounters } from '#core/health/counters-file.js'
import { activeRelease, readPointer } from '#core/home/active-release.js'
import { readDesiredStart, readDesiredStop } from '#core/home/desired-state.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { readInstalled } from '#core/home/installed-services.js'
import { acquireLock } from '#core/home/lock.js'
import { makePause, writePause } from '#core/home/pause.js'
import { findIncident } from '#core/incidents/find-incident.js'
import { openIncident } from '#core/incidents/incident.js'
import { Incidents } from '#core/incidents/store.js'
import { readNewest } from '#core/journal/journal.js'
import { entryText, timeline } from '#core/journal/timeline.js'
import { type Clock, realClock } from '#core/platform/clock.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { watchdogStatus } from '#core/watchdog/status.js'
import { readWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { aBotFile } from '../support/builders/bot-file.js'
import { aHome } from '../support/builders/home.js'
import { aWatchdogFile } from '../support/builders/watchdog-file.js'
import { deploy, openNobodysHome, QUIET } from '../support/deploy/deploy.js'
import { TestRepository } from '../support/deploy/repository.js'

type Json = Record<string, unknown>

/** One that stays for all tests of the file. */
const newFolder = () => fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'catalyst-test-'))

/** The value with each of its fields, however deep, put into another kind, one at a time. */
function* eachFieldChanged(value: unknown): Generator<[where: string, changed: unknown]> {
  if (typeof value !== 'object' || value === null) return
  for (const [key, one] of Object.entries(value)) {
    for (const other of [null, 1e300, '../x', {}, [[]], undefined]) {
      yield [`${key}: ${JSON.stringify(other)}`, Array.isArray(value) ? [other] : { ...value, [key]: other }]
    }
    for (const [where, inside] of eachFieldChanged(one))
      yield [`${key}.${where}`, Array.isArray(value) ? [inside] : { ...value, [key]: inside }]
  }
}

/** Every value in it, however deep, put through `change`. */
function eachValue(value: unknown, change: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => eachValue(one, change))
  if (typeof value !== 'object' || value === null) return change(value)
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, eachValue(one, change)]))
}

const json = (text: string, change: (value: Json) => unknown) =>
  text
    .trim()
    .split('\n}\n')
    .map((part, index, all) => JSON.stringify(change(JSON.parse(index < all.length - 1 ? `${part}\n}` : part))))
    .join('\n')
const onEachLine = (text: string, change: (value: Json) => unknown) =>
  text.includes('\n{')
    ? text
        .trim()
        .split('\n')
        .map((line) => JSON.stringify(change(JSON.parse(line))))
        .join('\n')
    : json(text, change)

/** What can become of a file. */
const DAMAGE: Record<string, (path: string, text: string) => void> = {
  'is empty': (path) => fs.writeFileSync(path, ''),
  'is cut off': (path, text) => fs.writeFileSync(path, text.slice(0, text.length / 2)),
  'holds null': (path) => fs.writeFileSync(path, 'null'),
  'holds a list': (path) => fs.writeFileSync(path, '[[]]'),
  'holds nothing': (path) => fs.writeFileSync(path, '{}'),
  'holds noise': (path) => fs.writeFileSync(path, Buffer.from([0, 255, 254, 123, 34, 0, 200])),
  'has null everywhere': (path, text) =>
    fs.writeFileSync(
      path,
      onEachLine(text, (value) => eachValue(value, () => null)),
    ),
  'has numbers everywhere': (path, text) =>
    fs.writeFileSync(
      path,
      onEachLine(text, (value) => eachValue(value, () => 1e300)),
    ),
  'has words everywhere': (path, text) =>
    fs.writeFileSync(
      path,
      onEachLine(text, (value) => eachValue(value, () => '../x')),
    ),
  'has objects everywhere': (path, text) =>
    fs.writeFileSync(
      path,
      onEachLine(text, (value) => eachValue(value, () => ({ a: [] }))),
    ),
  'has its lists and objects mixed up': (path, text) =>
    fs.writeFileSync(
      path,
      onEachLine(text, (value) =>
        Object.fromEntries(Object.entries(value).map(([key, one]) => [key, Array.isArray(one) ? {} : [one]])),
      ),
    ),
  'is a folder': (path) => fs.mkdirSync(path),
  'is a pipe': (path) => void execFileSync('mkfifo', [path]),
  'is a link to nowhere': (path) => fs.symlinkSync('nowhere', path),
  'is huge': (path) => {
    fs.writeFileSync(path, '{')
    fs.truncateSync(path, 5 * 1024 * 1024 * 1024)
  },
}

/** Waits a hundredth of what it is asked to, since nothing is to come of it. */
const HURRIED: Clock = {
  ...realClock,
  monotonic: () => realClock.monotonic() * 100,
  after: (ms, work) => realClock.after(ms / 100, work),
}

/** What no person is to see. */
const CRASHES = ['TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']

describe('a state file that is damaged', () => {
  if (process.platform === 'win32') return // Windows has neither pipes in folders nor links for everybody
  after(() => {
    for (const made of [folder, kept]) fs.rmSync(made, { recursive: true, force: true })
  })

  const DEAD = aBotFile({ started: 1, instance: 'dead', since: '2026-03-01T12:00:00.000Z' })
  const NOW = Date.UTC(2026, 2, 1, 12)
  let folder: string
  let kept: string
  let paths: HomePaths

  before(async () => {
    const repository = new TestRepository(newFolder())
    folder = repository.folder
    kept = newFolder()
    paths = homePaths(folder)
    fs.writeFileSync(paths.env, 'HEALTH_CHECK_PORT=0\n')
    repository.commit({ '.gitignore': '.env\ndata/\n', 'bot.mjs': '' })
    repository.git('tag', 'v1')
    let plan = ''
    await deploy(folder, 'v1', false, {
      onStep: ({ step }) => {
        if (step === 'switch') plan = fs.readFileSync(paths.deployment, 'utf8')
      },
    })
    const write = (path: string, value: unknown) => {
      fs.mkdirSync(dirname(path), { recursive: true })
      fs.writeFileSync(path, typeof value === 'string' ? value : JSON.stringify(value))
    }
    write(paths.deployment, plan)
    write(paths.bot, { ...DEAD, endpoint: { host: '127.0.0.1', port: 1 }, unended: [DEAD] })
    for (const lock of [paths.deployLock, paths.watchdogLock, paths.serviceLock]) write(lock, { ...DEAD, what: 'x' })
    const service = {
      name: 'x',
      manager: 'systemd',
      scope: 'user',
      definition: 'x',
      node: 'x',
      node_version: 'v1',
      cli: 'x',
    }
    write(paths.services, { bot: { ...service, at: DEAD.since } })
    const { name: release, commit } = readPointer(paths) ?? { name: '', commit: '' }
    const rated = {
      commit,
      release,
      tag: 'v1',
      rating: 'good',
      reason: 'x',
      rated_at: DEAD.since,
      proved_at: DEAD.since,
    }
    write(paths.ratings, { commits: [{ ...rated, left: { at: DEAD.since, why: 'failed' }, backup: null }] })
    writePause(paths, makePause({ length: '7d', why: 'moving', by: 'ann' }, NOW))
    write(paths.desiredState, { desired: 'stopped', by: 'ann', at: DEAD.since })
    const incident = { ...openIncident('hangs', NOW), state: 'recovered' as const, recoveredAt: NOW + 1000 }
    write(paths.watchdog, aWatchdogFile(NOW, { status: 'healthy', restarts: [NOW], messages: {}, incident }))
    const incidents = new Incidents(paths.incidents)
    incidents.save(incident, NOW)
    incidents.saveEvidence(
      incident,
      {
        at: DEAD.since,
        where: { what: 'a loop', lines: ['x'] },
        health: { now: { status: 'unhealthy', reasons: ['x'] }, last: null, last_at: null },
        bot: DEAD,
        service: { state: 'running' },
        processes: [],
        machine: {},
        release: null,
        stderr: ['x'],
        missing: [],
      } as unknown as Parameters<Incidents['saveEvidence']>[1],
      [],
    )
    const counters = keepCounters(realClock, paths.counters, () => {})
    counters.changed(counters.read())
    counters.flush()
  })

  const opened = () => openNobodysHome(folder)
  const looks: Record<string, () => unknown> = {
    health: () => askHealth(paths, readConfig(folder, {}).settings),
    claim: async () => (await claimHome(HURRIED, paths, { version: '1', release: null })).release(),
    lock: async () => acquireLock(HURRIED, paths.deployLock, { ...thisProcess(), instance: 'mine' }),
    counters: () => keepCounters(realClock, paths.counters, () => {}).read(),
    services: () => readInstalled(paths),
    desires: () => [readDesiredStart(paths), readDesiredStop(paths)],
    watchdog: async () => watchdogText(await watchdogStatus(paths, readConfig(folder, {}).settings, NOW + 5000)),
    'watchdog file': () => readWatchdogFile(paths)?.incident,
    info: async () => infoText(await deployInfo(aHome({ folder }))),
    candidates: async () => rollbackCandidates(await opened()),
    ratings: () => readRatings(aHome({ folder: paths.home })),
    pointer: () => [readPointer(paths), activeRelease(paths)],
    prune: async () => prune(await opened(), { isDry: true }),
    recover: async () => recover(await opened(), QUIET),
    backups: () => new Backups(aHome({ folder: paths.home })).list(),
    history: () => timeline(readNewest(paths.journal), {}).map(entryText),
    incidents: () => {
      const all = new Incidents(paths.incidents)
      return incidentLines(
        all.list().flatMap((name) => {
          const read = all.read(name)
          return read ? [{ name, ...read }] : []
        }),
      )
    },
    incident: () => incidentText(findIncident(paths.incidents, undefined)),
  }
  const only = (from: string, file: string) =>
    join(from, fs.readdirSync(from).find((name) => !name.includes('.')) ?? '', file)

  const files: [name: string, path: () => string, looks: (keyof typeof looks)[]][] = [
    ['bot.json', () => paths.bot, ['health', 'prune', 'claim']],
    ['counters.json', () => paths.counters, ['counters']],
    ['services.json', () => paths.services, ['services']],
    ['desired-state.json', () => paths.desiredState, ['wishes']],
    ['pause.json', () => paths.pause, ['watchdog']],
    ['watchdog.json', () => paths.watchdog, ['watchdog', 'watchdog file']],
    ['watchdog.lock', () => paths.watchdogLock, ['watchdog']],
    ['deploy.lock', () => paths.deployLock, ['lock']],
    ['active.json', () => paths.activeRelease, ['pointer', 'info', 'prune']],
    ['deployment.json', () => paths.deployment, ['info', 'recover']],
    ['ratings.json', () => paths.ratings, ['ratings', 'candidates']],
    ['the journal', () => paths.journal, ['history', 'candidates']],
    ['a release', () => `${only(paths.releases, '').replace(/\/$/, '')}.json`, ['prune', 'info']],
    ['a backup', () => only(paths.backups, 'manifest.json'), ['backups', 'prune']],
    ['an incident', () => only(paths.incidents, 'incident.json'), ['incidents', 'incident']],
    ['its evidence', () => only(paths.incidents, 'evidence.json'), ['incident']],
  ]

  /** What a look throws that no person is to see. */
  async function crashOf(look: string): Promise<string | undefined> {
    try {
      await looks[look]?.()
      return undefined
    } catch (error) {
      const { stack = '', message } = error as Error
      const isCrash = CRASHES.some((kind) => stack.startsWith(kind)) || message === ''
      return isCrash ? `${look}: ${stack.split('\n').slice(0, 3).join(' | ')}` : undefined
    }
  }

  for (const [name, pathOf, asked] of files) {
    it(`breaks nothing and keeps nobody waiting, whatever has become of ${name}`, async function () {
      this.timeout(60_000)
      fs.rmSync(kept, { recursive: true, force: true })
      fs.cpSync(paths.own, kept, { recursive: true, verbatimSymlinks: true })
      const path = pathOf()
      const text = fs.readFileSync(path, 'utf8')
      const seen: string[] = []
      for (const [damage, damaged] of Object.entries(DAMAGE)) {
        fs.rmSync(path, { recursive: true, force: true })
        damaged(path, text)
        for (const look of asked) {
          const crash = await crashOf(look)
          if (crash !== undefined) seen.push(`${damage}: ${crash}`)
        }
        fs.rmSync(paths.own, { recursive: true, force: true })
        fs.cpSync(kept, paths.own, { recursive: true, verbatimSymlinks: true })
      }
      expect(seen).to.deep.equal([])
    })
  }

  const inOneField: [name: string, path: () => string, looks: (keyof typeof looks)[]][] = [
    ['pause.json', () => paths.pause, ['watchdog']],
    ['services.json', () => paths.services, ['services']],
    ['desired-state.json', () => paths.desiredState, ['wishes']],
    ['watchdog.json', () => paths.watchdog, ['watchdog', 'watchdog file']],
    ['counters.json', () => paths.counters, ['counters']],
    ['ratings.json', () => paths.ratings, ['ratings', 'candidates']],
    ['bot.json', () => paths.bot, ['health']],
    ['active.json', () => paths.activeRelease, ['pointer']],
    ['an incident', () => only(paths.incidents, 'incident.json'), ['incidents', 'incident']],
    ['its evidence', () => only(paths.incidents, 'evidence.json'), ['incident']],
  ]
  for (const [name, pathOf, asked] of inOneField) {
    it(`breaks nothing where one field of ${name} is of another kind`, async () => {
      const path = pathOf()
      const text = fs.readFileSync(path, 'utf8')
      const seen: string[] = []
      for (const [where, changed] of eachFieldChanged(JSON.parse(text))) {
        fs.writeFileSync(path, JSON.stringify(changed))
        for (const look of asked) {
          const crash = await crashOf(look)
          if (crash !== undefined) seen.push(`${where}: ${crash}`)
        }
      }
      fs.writeFileSync(path, text)
      expect(seen).to.deep.equal([])
    })
  }
})
