/** A home, its bot and the bot's supervisor, as a model: real files, processes and endpoint, time turned by hand. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type DeployHome, openDeployHome } from '#core/deploy/deploy-home.js'
import { recoverUnattended } from '#core/deploy/recover-unattended.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { INSTANCE_HEADER } from '#core/health/instance-header.js'
import { readPointer, writePointer } from '#core/home/active-release.js'
import { clearDesiredState, readDesiredStart, readDesiredStop } from '#core/home/desired-state.js'
import { homePaths } from '#core/home/home-paths.js'
import { type JournalEntry, openJournal, readJournal } from '#core/journal/journal.js'
import { every } from '#core/platform/clock.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { Services } from '#core/service/services.js'
import { findSupervisor, supervisingService } from '#core/supervisor/find-supervisor.js'
import { type Supervisor as BotSupervisor, NO_SUPERVISOR } from '#core/supervisor/supervisor.js'
import { isDeploying } from '#core/watchdog/observe.js'
import { aHome } from '../builders/home.js'
import { FakeClock } from '../fake-clock.js'
import { FakeManager } from '../fake-manager.js'
import { tempFolder } from '../temp.js'
import { TestRepository } from './repository.js'

export type Supervisor = 'service' | 'watchdog' | 'none'
/** What a version's bot does. */
export type Behavior = 'works' | 'crashes' | 'is never healthy'

/** A process that is gone: what it would have done next is not done. */
export class Killed extends Error {}

/** Many worlds write many files. */
const MEMORY = fs.existsSync('/dev/shm') ? '/dev/shm' : undefined

const SETTINGS = {
  DEPLOY_SETTLE_SECONDS: '0.3',
  BOT_START_TIMEOUT: '1.5',
  BOT_STOP_TIMEOUT: '1',
  SERVICE_RESTART_DELAY: '1',
}
const TICK_MS = 200
const UP_MS = 200
/** No process began then. */
const DEAD = { started: 1 }

interface ModelBot {
  readonly instance: string
  readonly release: string | null
  readonly process: ChildProcess
  readonly pid: number
  readonly upAt: number
}

/** Ends a process, and waits until everybody can see that. */
function end(child: ChildProcess): void {
  child.kill('SIGKILL')
  const state = () => {
    try {
      return /\) (\w)/.exec(fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8'))?.[1] ?? 'X'
    } catch {
      return 'X'
    }
  }
  while (!['Z', 'X'].includes(state()));
}

export class DeployWorld {
  readonly clock = new FakeClock()
  readonly folder = tempFolder(MEMORY)
  readonly paths = homePaths(this.folder)
  readonly behaviors = new Map<string, Behavior>()
  /** What the admin was told, in order. */
  readonly told: string[] = []
  readonly supervisor: Supervisor
  readonly #server: http.Server
  readonly #manager = new FakeManager()
  readonly #closing: (() => void)[] = []
  /** The bot that lives. */
  bot: ModelBot | undefined
  /** The bot that the watchdog that lives has started itself. */
  #child: string | undefined
  #isWatching = false
  #isBusy = false
  #startAt: number | undefined
  #followed: string | undefined
  #unended: number | undefined
  #servicePid: string | undefined

  static async begin(supervisor: Supervisor): Promise<DeployWorld> {
    const server = http.createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new DeployWorld(supervisor, server)
  }

  private constructor(supervisor: Supervisor, server: http.Server) {
    this.supervisor = supervisor
    this.#server = server
    server.on('request', (request, response) => this.#answer(request, response))
    const webhook = `http://127.0.0.1:${this.#port}/webhook/an-admin-webhook`
    const lines = Object.entries({ ...SETTINGS, ADMIN_ALERT_WEBHOOK: webhook }).map(
      ([name, value]) => `${name}=${value}`,
    )
    fs.writeFileSync(this.paths.env, `${lines.join('\n')}\n`)
    fs.mkdirSync(this.paths.state, { recursive: true })
    this.#closing.push(every(this.clock, TICK_MS, () => this.#tick()))
  }

  async close(): Promise<void> {
    for (const close of this.#closing) close()
    if (this.bot) end(this.bot.process)
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  get #port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** A release on disk. */
  release(tag: string, behavior: Behavior = 'works') {
    const commit = Buffer.from(tag.padEnd(20)).toString('hex')
    const release = { name: `${tag}-${commit.slice(0, 8)}`, commit, tag, subfolder: '' }
    const releases = new Releases(aHome({ folder: this.paths.home }))
    fs.mkdirSync(releases.folderOf(release.name), { recursive: true })
    releases.seal({ ...release, made_at: Number(tag.slice(1)), shared: [] })
    this.behaviors.set(release.name, behavior)
    return release
  }

  /** The same as a commit of the home's repository, to be built. */
  commit(tag: string, behavior: Behavior) {
    const repository = new TestRepository(this.folder)
    const commit = repository.commit({ '.gitignore': '.env\ndata/\n', 'bot.mjs': `// ${tag}\n` })
    const release = { name: `${tag}-${commit.slice(0, 8)}`, commit, tag, subfolder: '' }
    this.behaviors.set(release.name, behavior)
    return release
  }

  /** Starts the bot as this release, by its supervisor. */
  async runs(release: { name: string; commit: string }): Promise<void> {
    writePointer(this.paths, { name: release.name, commit: release.commit })
    if (this.supervisor === 'watchdog') this.startWatchdog()
    if (this.supervisor === 'service') fs.writeFileSync(this.#serviceFile('unit'), `Home=${this.folder}\n`)
    if (this.supervisor === 'service') fs.writeFileSync(this.#serviceFile('running'), '1')
    if (this.supervisor === 'none') this.startBot()
    await this.clock.turn(TICK_MS * 2)
  }

  /** What a deployment sees of the home; from the moment that `isDead` says so nothing that it does takes effect. */
  async open(isDead: () => boolean): Promise<DeployHome> {
    const fence = () => {
      if (isDead()) throw new Killed()
    }
    const supervisor = await this.#supervisor()
    const fenced: BotSupervisor = {
      ...NO_SUPERVISOR,
      get kind() {
        return supervisor.kind
      },
      environment: {}, // whatever this terminal has set
      async find() {
        fence()
        return supervisor.find?.() ?? supervisor.kind
      },
      async restart(refuse) {
        fence()
        await supervisor.restart(() => {
          fence()
          refuse?.()
        })
      },
      async fault() {
        fence()
        return supervisor.fault()
      },
    }
    const home = await openDeployHome(this.clock, this.paths, undefined, fenced)
    const { journal } = home
    const fences: Pick<DeployHome, 'asOwner' | 'journal'> = {
      asOwner(work) {
        fence()
        return home.asOwner(work)
      },
      journal: {
        append(...entry) {
          fence()
          journal.append(...entry)
        },
        note(...entry) {
          fence()
          journal.note(...entry)
        },
      },
    }
    return Object.assign(Object.create(home) as DeployHome, fences)
  }

  async #supervisor(): Promise<BotSupervisor> {
    const { clock, folder } = this
    const home = aHome({ folder, clock })
    if (this.supervisor !== 'service') return findSupervisor(home)
    return supervisingService(new Services({ clock, paths: home.paths, config: home.config, manager: this.#manager }))
  }

  startWatchdog(): void {
    this.#isWatching = true
    this.#child = undefined
    this.#followed = undefined
    this.#startAt = undefined
    fs.writeFileSync(this.paths.watchdogLock, JSON.stringify({ ...thisProcess(), instance: randomUUID() }))
  }

  killWatchdog(): void {
    if (!this.#isWatching) return
    this.#isWatching = false
    fs.writeFileSync(this.paths.watchdogLock, JSON.stringify({ ...thisProcess(), ...DEAD, instance: randomUUID() }))
  }

  startBot(): void {
    const release = readPointer(this.paths)?.name ?? null
    const child = spawn('sleep', ['600'], { stdio: 'ignore' })
    const pid = child.pid as number
    const bot = { instance: randomUUID(), release, process: child, pid, upAt: this.clock.monotonic() + UP_MS }
    if (this.#unended !== undefined) this.#journal('bot.lost', { pid: this.#unended })
    this.#unended = undefined
    this.bot = bot
    const address = `http://127.0.0.1:${this.#port}`
    const started = Number(fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[21])
    const file = {
      ...thisProcess(),
      pid,
      started,
      instance: bot.instance,
      since: '',
      version: '',
      release,
      endpoint: { host: '127.0.0.1', port: this.#port },
      control: `${address}/control/${bot.instance}`,
    }
    fs.writeFileSync(this.paths.bot, JSON.stringify(file))
    this.#journal('bot.start', { pid: bot.pid, release })
    clearDesiredState(this.paths)
    if (this.behaviors.get(release ?? '') !== 'crashes') return
    this.clock.after(UP_MS, () => {
      if (this.bot !== bot) return
      this.#journal('bot.crash', { pid: bot.pid, exit: 1, error: 'no such price' })
      this.#botEnds()
    })
  }

  killBot(): void {
    if (this.bot === undefined) return
    this.#unended = this.bot.pid
    this.#botEnds()
  }

  journal(): readonly JournalEntry[] {
    return readJournal(this.paths.journal).entries
  }

  get isInterrupted(): boolean {
    return fs.existsSync(this.paths.deployment)
  }

  #botEnds(): void {
    const wasChild = this.bot?.instance === this.#child
    if (this.bot) end(this.bot.process)
    this.bot = undefined
    if (this.#isWatching && wasChild) this.#startAt = this.clock.monotonic() + 1000
    if (this.supervisor === 'service') this.#startAt = this.clock.monotonic() + 1000
  }

  async #tick(): Promise<void> {
    if (this.supervisor === 'service') this.#serviceTick()
    if (!this.#isWatching || this.#isBusy) return
    this.#isBusy = true
    try {
      await this.#watch()
    } finally {
      this.#isBusy = false
    }
  }

  /** Does as the real one: recovers an interrupted deployment first, then follows the desired state, then watches its own child. */
  async #watch(): Promise<void> {
    const { paths } = this
    const isHeld = await isDeploying(paths)
    if (!isHeld && this.isInterrupted) {
      const kind = readDesiredStop(paths) === undefined ? 'watchdog' : 'none'
      const restart = async () => {
        if (this.bot) this.#botEnds()
        this.#startChild()
      }
      await recoverUnattended(this.clock, paths, { ...NO_SUPERVISOR, kind, restart }, () => {})
    }
    if (!this.#isWatching || this.bot !== undefined) return
    const desired = readDesiredStart(paths)?.at
    const isWished = desired !== undefined && desired !== this.#followed
    if (isWished) this.#followed = desired
    const isDue = this.#startAt !== undefined && this.clock.monotonic() >= this.#startAt
    if (isWished || isDue || (!isHeld && readDesiredStop(paths) === undefined)) this.#startChild()
  }

  #startChild(): void {
    this.#startAt = undefined
    this.startBot()
    this.#child = this.bot?.instance
  }

  /** The service manager: what was ordered is to be seen in its files. */
  #serviceTick(): void {
    const running = this.#serviceFile('running')
    const pid = fs.existsSync(running) ? fs.readFileSync(running, 'utf8') : undefined
    const isDue = this.#startAt !== undefined && this.clock.monotonic() >= this.#startAt
    if (pid === this.#servicePid && !(pid !== undefined && isDue)) return
    if (this.bot) this.#botEnds()
    this.#servicePid = pid
    this.#startAt = undefined
    if (pid !== undefined) this.startBot()
  }

  #serviceFile(what: 'unit' | 'running'): string {
    return join(this.#manager.folder, `CatalystBot.${what}`)
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { url = '' } = request
    if (url.startsWith('/webhook')) {
      let body = ''
      request.on('data', (chunk) => {
        body += chunk
      })
      request.on('end', () => {
        const [embed] = JSON.parse(body).embeds
        this.told.push(`${embed.title}\n${embed.description}`)
        response.setHeader('Content-Type', 'application/json').end('{"id":"1"}')
      })
      return
    }
    const { bot } = this
    if (url.endsWith('/stop')) {
      response.statusCode = bot && url.includes(bot.instance) ? 202 : 404
      response.end()
      if (response.statusCode !== 202) return
      this.#journal('bot.stop', { pid: bot?.pid })
      this.#botEnds()
      return
    }
    if (bot === undefined) return void request.destroy()
    const isUp = this.clock.monotonic() >= bot.upAt && this.behaviors.get(bot.release ?? '') !== 'is never healthy'
    const report = { status: isUp ? 'healthy' : 'starting', reasons: [], release: bot.release, pid: bot.pid }
    response.setHeader(INSTANCE_HEADER, bot.instance).end(JSON.stringify(report))
  }

  #journal(kind: string, details: Record<string, unknown>): void {
    openJournal(this.clock, this.paths.journal, (text) => text).append(kind, details)
  }
}
