import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { readConfig } from '#core/config/load.js'
import type { Context } from '#core/doctor/context.js'
import { contextOf } from '#core/doctor/context.js'
import { examine } from '#core/doctor/examine.js'
import type { Finding } from '#core/doctor/finding.js'
import { INSTANCE_HEADER } from '#core/health/instance-header.js'
import type { BotFile } from '#core/home/bot-file.js'
import { Home } from '#core/home/home.js'
import { registerHome } from '#core/home/registry.js'
import { realClock } from '#core/platform/clock.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { PATH as WEBHOOK_PATH } from '../alerts/discord.js'
import { TestRepository } from '../deploy/repository.js'
import { listen, type TestServer } from '../e2e/server.js'
import { ServiceHome } from '../fake-manager.js'
import { tempFolder } from '../temp.js'
import { timeServer } from '../time-server.js'
import { aBotFile } from './bot-file.js'
import { aWatchdogFile } from './watchdog-file.js'

const INSTANCE = 'x'

/** What a server of the home's answers. */
interface Answers {
  instance: string
  health: { status: string; reasons: string[] }
  webhook: { status: number; body: string }
}

/**
 * A home of which nothing is wrong: a bot and a watchdog that are this very process, an endpoint that answers, both
 * services in a service manager that is a folder, a release that came out of its repository, a channel for alerts, a
 * monitor, and a time server. Each can be broken by itself.
 */
export class SoundHome {
  readonly services: ServiceHome
  readonly answers: Answers = {
    instance: INSTANCE,
    health: { status: 'healthy', reasons: [] },
    webhook: { status: 200, body: '{"name":"Captain Hook"}' },
  }
  /** The requests that came, without those for health. */
  readonly asked: string[] = []
  /** The changes to what checks are told of this machine. */
  seen: Partial<Context> = {}
  readonly time: Awaited<ReturnType<typeof timeServer>>
  readonly server: TestServer
  release = ''
  readonly #XDG_CONFIG_HOME = process.env.XDG_CONFIG_HOME

  private constructor(services: ServiceHome, server: TestServer, time: SoundHome['time']) {
    this.services = services
    this.server = server
    this.time = time
  }

  static async open(): Promise<SoundHome> {
    let answer: Parameters<typeof listen>[0] = (_request, response) => response.end()
    const server = await listen((request, response) => answer(request, response))
    const made = new SoundHome(new ServiceHome(), server, await timeServer({}))
    answer = (request, response) => made.#answer(request, response)
    await made.#fill()
    return made
  }

  async close(): Promise<void> {
    if (this.#XDG_CONFIG_HOME === undefined) delete process.env.XDG_CONFIG_HOME
    else process.env.XDG_CONFIG_HOME = this.#XDG_CONFIG_HOME
    await this.server.close()
    await this.time.close()
  }

  get folder(): string {
    return this.services.home
  }

  get paths(): ServiceHome['paths'] {
    return this.services.paths
  }

  write(path: string, content: string | object): void {
    fs.mkdirSync(dirname(path), { recursive: true })
    fs.writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 })
  }

  /** Changes settings; undefined takes one away. */
  set(changes: Readonly<Record<string, string | undefined>>): void {
    const { port, url } = this.server
    const all: Record<string, string | undefined> = {
      BOT_MODULE: 'bot.mjs',
      FEATURE_HEALTH_ENDPOINT: '1',
      HEALTH_CHECK_PORT: String(port),
      WATCHDOG_ENABLED: '1',
      ADMIN_ALERT_WEBHOOK: `${url}${WEBHOOK_PATH}`,
      HEARTBEAT_URL: `${url}/ping`,
      TIME_SERVER: `127.0.0.1:${this.time.port}`,
      ...changes,
    }
    const lines = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`]))
    this.write(this.paths.env, lines.join(''))
  }

  bot(changes: Partial<BotFile> = {}): void {
    const { port } = this.server
    const control = `http://127.0.0.1:${port}/control`
    const endpoint = { host: '127.0.0.1', port }
    this.write(this.paths.bot, aBotFile({ instance: INSTANCE, endpoint, control, release: this.release, ...changes }))
  }

  /** Examines it. */
  examine(options: Parameters<typeof examine>[1] = {}): Promise<Finding[]> {
    const { paths, services } = this
    const home = new Home({ clock: realClock, paths, config: readConfig(this.folder, {}) })
    const context: Context = {
      ...contextOf(home, undefined),
      hasServiceManager: true,
      services: async () => services.services,
      ...this.seen,
    }
    return examine(context, options)
  }

  /** Returns what is not in order, in a line each. */
  async wrong(options: Parameters<typeof examine>[1] = {}): Promise<string[]> {
    const found = (await this.examine(options)).filter(({ state }) => state !== 'ok')
    return found.map(({ id, state, text, command }) => `${state} ${id}: ${text} -> ${command}`)
  }

  #answer(...[{ url, method }, response]: Parameters<Parameters<typeof listen>[0]>): void {
    response.setHeader(INSTANCE_HEADER, this.answers.instance)
    if (url?.startsWith('/control') || url?.startsWith('/health')) {
      response.end(JSON.stringify(this.answers.health))
      return
    }
    this.asked.push(`${method} ${url}`)
    response.writeHead(this.answers.webhook.status).end(this.answers.webhook.body)
  }

  async #fill(): Promise<void> {
    process.env.XDG_CONFIG_HOME = tempFolder()
    const { paths, folder, services } = this
    const repository = new TestRepository(folder)
    const code = "export default { name: 'b', cycle() {} }"
    const commit = repository.commit({ '.gitignore': '.env\ndata/\n.catalyst/\n', 'bot.mjs': code })
    this.release = `v1-${commit.slice(0, 8)}`
    this.set({})
    fs.chmodSync(paths.env, 0o600)
    Object.assign(services.runtime, { node: process.execPath })
    await services.install(['bot', 'watchdog'])
    fs.mkdirSync(paths.logs, { recursive: true })
    const manifest = { commit, tag: 'v1', subfolder: '', made_at: 1, shared: [], node_abi: null }
    this.write(join(paths.releases, this.release, 'bot.mjs'), code)
    this.write(join(paths.releases, `${this.release}.json`), manifest)
    this.write(paths.activeRelease, { name: this.release, commit })
    this.bot()
    this.write(paths.watchdogLock, { ...thisProcess(), instance: 'w' })
    this.write(paths.watchdog, aWatchdogFile(Date.now(), { status: 'healthy' }))
    await registerHome(realClock, folder)
  }
}
