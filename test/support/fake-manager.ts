import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readConfig } from '#core/config/load.js'
import type { CatalystError } from '#core/errors.js'
import { homePaths } from '#core/home/home-paths.js'
import { type JournalEntry, readJournal } from '#core/journal/journal.js'
import { currentUser, type User } from '#core/platform/process/users.js'
import type { Action } from '#core/service/action.js'
import type { Role, ServiceManager, ServiceObservation, ServiceSpec } from '#core/service/manager.js'
import { installAll, planAll } from '#core/service/operations/install-all.js'
import { Services } from '#core/service/services.js'
import { FakeClock } from './fake-clock.js'
import { tempFolder } from './temp.js'

type Verb = 'install' | 'uninstall' | 'start' | 'stop' | 'restart'

/** A program that fails, on every platform. */
const FAILING: [string, ...string[]] = [process.execPath, '-e', 'console.error("it said no"); process.exit(3)']

/**
 * A service manager whose entries are files in a folder: `NAME.unit` what it is made of, `NAME.running` the pid that it
 * runs as. So its actions are real ones, and what was carried out can be seen.
 */
export class FakeManager implements ServiceManager {
  readonly kind: ServiceManager['kind']
  readonly scope: ServiceManager['scope']
  readonly folder = tempFolder()
  /** What does not work: fails, or isn't allowed. */
  readonly broken = new Map<Verb, 'fails' | 'not allowed'>()
  /** Given out first, one a look. */
  readonly script: (ServiceObservation | undefined)[] = []
  /** Changes what is read of a service with an entry. */
  reads: Partial<ServiceObservation> = {}
  /** A line of the definition with this beginning is lost when it is installed. */
  loses: string | undefined
  /** After this verb the service is found stopped: so often. */
  readonly stillborn = new Map<Verb, number>()
  /** Whether a stop is heard; an ear that is deaf leaves it running. */
  deaf = false
  /** Whether each start was one in the pause before the next start. */
  readonly waits: boolean[] = []
  remains = (): string | undefined => undefined
  refuses: CatalystError | undefined
  #pid = 100

  constructor({ kind = 'systemd', scope = 'user' }: Partial<Pick<ServiceManager, 'kind' | 'scope'>> = {}) {
    this.kind = kind
    this.scope = scope
  }

  async check(): Promise<void> {
    if (this.refuses) throw this.refuses
  }

  async find(name: string) {
    const place = this.#file(name, 'unit')
    if (!existsSync(place)) return undefined
    const definition = readFileSync(place, 'utf8')
    return { home: /^Home=(.*)$/m.exec(definition)?.[1], definition, place }
  }

  definition({ home, program, args, environment, account, watchdogMs, restartDelayMs }: ServiceSpec): string {
    const lines = { Home: home, Run: [program, ...args].join(' '), Environment: JSON.stringify(environment) }
    const more = { Account: account ?? '-', Silence: String(watchdogMs), Delay: String(restartDelayMs) }
    return Object.entries({ ...lines, ...more })
      .map(([key, value]) => `${key}=${value}\n`)
      .join('')
  }

  install(spec: ServiceSpec): Action[] {
    const lines = this.definition(spec).split(/(?<=\n)/)
    const text = lines.filter((line) => this.loses === undefined || !line.startsWith(this.loses)).join('')
    return this.#unless('install', { do: 'write', path: this.#file(spec.name, 'unit'), text, mode: 0o644 })
  }

  uninstall(name: string): Action[] {
    return this.#unless('uninstall', { do: 'remove', path: this.#file(name, 'unit') })
  }

  start(name: string, { waits } = { waits: false }): Action[] {
    this.waits.push(waits)
    return this.#unless('start', this.#begin('start', name))
  }

  stop(name: string): Action[] {
    return this.#unless('stop', ...(this.deaf ? [] : [this.#end(name)]))
  }

  restart(name: string): Action[] {
    return this.#unless('restart', this.#begin('restart', name))
  }

  async read(name: string): Promise<ServiceObservation | undefined> {
    if (this.script.length > 0) return this.script.shift()
    if (!existsSync(this.#file(name, 'unit'))) return undefined
    const running = this.#file(name, 'running')
    const pid = existsSync(running) ? Number(readFileSync(running, 'utf8')) : null
    return { ...reading(pid === null ? 'stopped' : 'running', pid), ...this.reads }
  }

  // for tests

  /** All that it holds, to be compared with what it holds later. */
  files(): Record<string, string> {
    return Object.fromEntries(
      readdirSync(this.folder)
        .sort()
        .map((file) => [file, readFileSync(join(this.folder, file), 'utf8')]),
    )
  }

  /** An entry, made by whomever. */
  put(name: string, definition: string): void {
    writeFileSync(this.#file(name, 'unit'), definition)
  }

  /** Changes an entry by hand. */
  edit(name: string, change: (text: string) => string): void {
    this.put(name, change(readFileSync(this.#file(name, 'unit'), 'utf8')))
  }

  isRunning(name: string): boolean {
    return existsSync(this.#file(name, 'running'))
  }

  /** It ends by itself. */
  kill(name: string): void {
    rmSync(this.#file(name, 'running'))
  }

  #file(name: string, what: 'unit' | 'running'): string {
    return join(this.folder, `${name}.${what}`)
  }

  #begin(verb: Verb, name: string): Action {
    const left = this.stillborn.get(verb) ?? 0
    this.stillborn.set(verb, left - 1)
    if (left > 0) return this.#end(name)
    return { do: 'write', path: this.#file(name, 'running'), text: String(this.#pid++), mode: 0o644 }
  }

  #end(name: string): Action {
    return { do: 'remove', path: this.#file(name, 'running') }
  }

  #unless(verb: Verb, ...actions: Action[]): Action[] {
    const how = this.broken.get(verb)
    if (how === undefined) return actions
    return [{ do: 'run', argv: FAILING, ...(how === 'not allowed' && { otherwise: [`Run: sudo ${verb}`] }) }]
  }
}

/** How a service is, as a manager tells it. */
export function reading(state: ServiceObservation['state'], pid: number | null = null): ServiceObservation {
  return { state, pid, since: null, restarts: null, automatic: true, words: state }
}

/** The means of one test: a home with these settings, whose services a {@link FakeManager} keeps, and a clock of its own. */
export class ServiceHome {
  readonly home: string
  readonly paths: ReturnType<typeof homePaths>
  readonly manager: FakeManager
  readonly clock = new FakeClock()
  /** What is installed: a node and a command line of the home's own. */
  readonly runtime: { node: string; cli: string; nodeVersion: string; warnings: string[] }
  readonly owner: User
  /** How often it was told that there is something to wait for. */
  waits = 0

  constructor(
    settings: Record<string, string> = {},
    { manager = new FakeManager(), home = tempFolder(), owner = currentUser() } = {},
  ) {
    this.home = home
    this.paths = homePaths(home)
    this.manager = manager
    this.owner = owner
    mkdirSync(join(home, 'program'), { recursive: true })
    this.runtime = {
      node: join(home, 'program', 'node'),
      cli: join(home, 'program', 'run.js'),
      nodeVersion: process.version,
      warnings: [],
    }
    for (const file of [this.runtime.node, this.runtime.cli]) writeFileSync(file, '')
    this.settings({ FEATURE_HEALTH_ENDPOINT: '0', ...settings })
  }

  settings(settings: Record<string, string>): void {
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
    writeFileSync(join(this.home, '.env'), lines.join(''))
  }

  get services(): Services {
    const { clock, paths, manager, owner } = this
    return new Services({ clock, paths, config: readConfig(this.home, {}), manager, owner })
  }

  readonly onWait = (): void => void this.waits++

  /** Turns the clock until this is done. */
  turning<T>(work: Promise<T>): Promise<T> {
    return this.clock.turnUntil(work)
  }

  options(changes: { name?: string; account?: string } = {}) {
    return { runtime: this.runtime, name: undefined, account: undefined, ...changes }
  }

  /** Installs services without a question, and starts them if that is wanted. */
  async install(roles: readonly Role[] = ['bot'], { start = false, name }: { start?: boolean; name?: string } = {}) {
    const { services } = this
    const options = this.options(name === undefined ? {} : { name })
    const answers = { replace: async () => true, start: async () => start, enableWatchdog: async () => true }
    const plans = await planAll(services, roles, options)
    return this.turning(installAll(services, plans, answers, this.onWait))
  }

  journal(): readonly JournalEntry[] {
    return readJournal(this.paths.journal).entries
  }

  kinds(): string[] {
    return this.journal().map(({ kind }) => kind)
  }
}
