import fs, { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Logger } from 'pino'
import type { StopResult } from '#core/bot/stop-bot.js'
import { readConfig } from '#core/config/load.js'
import { INSTANCE_HEADER } from '#core/health/instance-header.js'
import { clearDesiredState, readDesiredStop, writeDesiredStop } from '#core/home/desired-state.js'
import { type HomePaths, homePaths } from '#core/home/home-paths.js'
import { type Incident, incidentName } from '#core/incidents/incident.js'
import { Incidents } from '#core/incidents/store.js'
import { openJournal } from '#core/journal/journal.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { NO_SUPERVISOR, type SupervisorStatus } from '#core/supervisor/supervisor.js'
import { Watch } from '#core/watchdog/loop.js'
import { WINDOW_MS } from '#core/watchdog/policy/restart-budget.js'
import { readWatchdogFile } from '#core/watchdog/watchdog-file.js'
import { RULES as DEFAULTS } from '../support/builders/watchdog-rules.js'
import { FakeClock } from '../support/fake-clock.js'
import { tempFolder } from '../support/temp.js'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
/** A restart in vain looks twice a second. */
const RULES = { ...DEFAULTS, startTimeoutMs: 30 * SECOND }

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const START_MS = 5 * SECOND

/** A bot as a service, in this very process: it answers at a real endpoint what it is made to. */
class Service {
  /** When each restart began, as the watchdog itself has written it down. */
  readonly restarts: number[] = []
  /** What must not be. */
  readonly faults: string[] = []
  readonly #clock: FakeClock
  readonly #paths: HomePaths
  readonly #journal: ReturnType<typeof openJournal>
  readonly #server: Server
  #status: SupervisorStatus = { process: 'stopped', exit: null }
  #says: 'work' | 'nothing' | 'hang' = 'work'
  #instance = 0
  #startedAt = 0
  #sickUntil = 0
  #deployingSince: number | undefined
  #cancelStart = () => {}

  async followDesiredStart(): Promise<void> {}

  constructor(clock: FakeClock, paths: HomePaths) {
    this.#clock = clock
    this.#paths = paths
    this.#journal = openJournal(clock, paths.journal, (line) => line)
    this.#server = createServer((request, response) => {
      if (this.#says === 'nothing') return request.socket.destroy()
      response.setHeader(INSTANCE_HEADER, String(this.#instance))
      const { healthStatus: status } = this
      response.end(JSON.stringify({ status, reasons: [`it is ${status}`], last_cycle_seconds_ago: 1, rss_mb: 80 }))
    })
  }

  get healthStatus(): string {
    const ranMs = this.#clock.monotonic() - this.#startedAt
    const isSick = this.#clock.monotonic() < this.#sickUntil
    if (ranMs < (isSick ? RULES.startTimeoutMs : START_MS)) return 'starting'
    return isSick || this.#says === 'hang' ? 'unhealthy' : 'healthy'
  }

  get works(): boolean {
    return this.#status.process === 'running' && this.#says === 'work' && this.healthStatus === 'healthy'
  }

  get isStopped(): boolean {
    return this.#status.process === 'stopped'
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.#begin()
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async status(): Promise<SupervisorStatus> {
    return this.#status
  }

  async start(): Promise<void> {
    if (readDesiredStop(this.#paths) !== undefined) this.faults.push('started although it was stopped on purpose')
    if (this.#status.process === 'failed') this.#begin()
  }

  /** As the watchdog ends it; the manager starts it again. */
  async end(): Promise<StopResult> {
    this.restarts.push(readWatchdogFile(this.#paths)?.restarts.at(-1) as number)
    if (this.#deployingSince !== undefined && this.#clock.monotonic() - this.#deployingSince > 15 * SECOND)
      this.faults.push('ended in the hands of a deployment')
    if (this.#status.process !== 'running') return 'gone'
    this.#journal.append('bot.stop', { exit: 0 })
    this.#restart()
    return 'graceful'
  }

  // what goes wrong

  crash(): void {
    this.#journal.append('bot.exit', { exit: 3 })
    this.#restart()
  }

  fail(exit: number): void {
    this.#journal.append('bot.exit', { exit })
    this.#gone({ process: 'failed', exit })
  }

  freeze(ms?: number): void {
    this.#says = 'nothing'
    if (ms !== undefined) this.#thaw(ms)
  }

  hang(ms?: number): void {
    this.#says = 'hang'
    if (ms !== undefined) this.#thaw(ms)
  }

  /** No start helps for so long. */
  sicken(ms: number): void {
    this.#sickUntil = this.#clock.monotonic() + ms
    this.crash()
  }

  stop(): void {
    writeDesiredStop(this.#paths, 'ann', this.#clock.now())
    this.#gone({ process: 'stopped', exit: null })
  }

  /** A person, or a deployment, starts it. */
  startAgain(): void {
    clearDesiredState(this.#paths)
    this.#sickUntil = 0
    this.#begin()
  }

  deploy(ms: number): void {
    this.#deployingSince = this.#clock.monotonic()
    writeFileSync(this.#paths.deployLock, JSON.stringify({ ...thisProcess(), instance: 'deployment' }))
    this.freeze()
    this.#clock.after(ms, () => {
      rmSync(this.#paths.deployLock)
      this.#deployingSince = undefined
      if (!this.isStopped) this.#begin()
    })
  }

  #thaw(ms: number): void {
    const instance = this.#instance
    this.#clock.after(ms, () => {
      if (this.#instance === instance && this.#deployingSince === undefined) this.#says = 'work'
    })
  }

  #restart(): void {
    this.#gone({ process: 'restarting', exit: null })
    this.#cancelStart = this.#clock.after(RULES.restartDelayMs, () => this.#begin())
  }

  #gone(status: SupervisorStatus): void {
    this.#cancelStart()
    this.#status = status
    rmSync(this.#paths.bot, { force: true })
  }

  #begin(): void {
    this.#cancelStart()
    this.#status = { process: 'running', exit: null }
    this.#says = 'work'
    this.#startedAt = this.#clock.monotonic()
    this.#instance++
    const { port } = this.#server.address() as AddressInfo
    const endpoint = { host: '127.0.0.1', port }
    writeFileSync(this.#paths.bot, JSON.stringify({ ...thisProcess(), instance: String(this.#instance), endpoint }))
    this.#journal.append('bot.start')
  }
}

/** What happens to a bot that works, by the dice. */
function misfortune(service: Service, clock: FakeClock, random: () => number): string {
  const minutes = (least: number, most: number) => (least + random() * (most - least)) * MINUTE
  const person = (ms: number) => clock.after(ms, () => service.startAgain())
  const deeds: Record<string, () => void> = {
    crash: () => service.crash(),
    freeze: () => service.freeze(),
    'freeze for a while': () => service.freeze(minutes(1, 8)),
    hang: () => service.hang(),
    'hang for a while': () => service.hang(minutes(0, 1)),
    fail: () => service.fail(1),
    'wrong settings': () => {
      service.fail(78)
      person(minutes(3, 10))
    },
    sicken: () => service.sicken(minutes(2, 20)),
    deploy: () => service.deploy(minutes(0.2, 12)),
  }
  const names = Object.keys(deeds)
  const name = names[Math.floor(random() * names.length)] as string
  deeds[name]?.()
  return name
}

// elsewhere each look asks another program whether the bot runs
const onLinux = process.platform === 'linux' ? it : () => {}

describe('a day of a bot with a watchdog', function () {
  this.timeout(180_000) // on a busy machine
  const { fsyncSync } = fs

  before(() => {
    fs.fsyncSync = () => {} // a day has thousands of writes, and a power cut is not among its misfortunes
  })

  after(() => {
    fs.fsyncSync = fsyncSync
  })

  for (const seed of [1, 2])
    onLinux(`ends well, whatever goes wrong (seed ${seed})`, async () => {
      const random = randomOf(seed)
      const home = tempFolder()
      const paths = homePaths(home)
      const { settings, dependencies } = readConfig(home, {})
      for (const folder of [paths.state, paths.data]) mkdirSync(folder, { recursive: true })
      const clock = new FakeClock()
      const service = new Service(clock, paths)
      await service.open()
      const alerts: Incident[] = []
      const complaints: string[] = []
      const beats: boolean[] = []
      const say = () => {}
      const watch = new Watch(clock, {
        paths,
        settings,
        dependencies,
        rules: RULES,
        supervisor: { ...NO_SUPERVISOR, kind: 'service', status: () => service.status(), start: () => service.start() },
        isOver: () => false,
        saved: undefined,
        log: {
          info: say,
          warn: say,
          error(words: string) {
            if (!/^incident |has not become healthy/.test(words)) complaints.push(words)
          },
        } as unknown as Logger,
        stopBot: () => service.end(),
        recover: async () => {},
        repair: async () => {},
        takeBack: async () => 'not due' as const,
        beat({ is }) {
          if (is === 'well' || is === 'failing') beats.push(is === 'well')
        },
        incidents: new Incidents(paths.incidents),
        journal: openJournal(clock, paths.journal, (line) => line).append,
        alert: (incident) => alerts.push(incident),
        close: async () => {},
      })
      const end = new AbortController()
      const running = watch.run(end.signal)
      const deeds = new Map<string, number>()
      const note = (deed: string) => deeds.set(deed, (deeds.get(deed) ?? 0) + 1)

      for (const evening = clock.monotonic() + 22 * HOUR; clock.monotonic() < evening; ) {
        await clock.turn((2 + random() * 8) * MINUTE)
        const dice = random()
        if (service.isStopped) {
          if (dice < 0.5) service.startAgain()
        } else if (dice < 0.1) {
          service.stop() // also in the middle of a restart
          note('stop')
        } else if (service.works) note(misfortune(service, clock, random))
      }
      await clock.turn(10 * MINUTE) // what a deployment has in hand is given back
      if (service.isStopped) service.startAgain()
      await clock.turn(110 * MINUTE)
      end.abort()
      await clock.turn(SECOND)
      await running
      await watch.close()
      await service.close()

      expect(service.works, 'it works in the end').to.equal(true)
      expect(beats.at(-1)).to.equal(true)
      expect(service.faults).to.deep.equal([])
      expect(complaints).to.deep.equal([])
      expect([...deeds.keys()], 'all of it happened').to.have.length(10)

      const restarts = service.restarts
      expect(restarts.length).to.be.above(20)
      restarts.forEach((at, index) => {
        const earlier = restarts[index - RULES.maxRestarts]
        if (earlier !== undefined) expect(at - earlier, 'restarts in any hour').to.be.at.least(WINDOW_MS)
      })

      const incidents = new Map<number, Incident[]>()
      for (const one of alerts) incidents.set(one.id, [...(incidents.get(one.id) ?? []), one])
      for (const course of incidents.values()) {
        expect(new Set(course.map(incidentName)).size, 'one name').to.equal(1)
        expect(course.at(-1)?.state).to.equal('recovered')
      }
      const order = [...incidents.keys()]
      expect(order, 'one after the other').to.deep.equal([...order].sort((a, b) => a - b))
      expect(alerts.length).to.be.below(600)

      const kept = new Incidents(paths.incidents)
      expect(readdirSync(paths.incidents).length).to.equal(Math.min(50, incidents.size))
      for (const name of kept.list()) {
        expect(kept.read(name)?.state, name).to.equal('recovered')
        for (const file of readdirSync(kept.pathOf(name)))
          expect(statSync(join(kept.pathOf(name), file)).size, file).to.be.below(100_000)
      }
      expect(kept.evidence(kept.list()[0] as string, 'first')?.missing).to.deep.equal([])
      expect(statSync(paths.watchdog).size).to.be.below(2000)
      expect(readWatchdogFile(paths)).to.deep.include({ status: 'healthy' })
    })
})
