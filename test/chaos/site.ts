import fs from 'node:fs'
import { join } from 'node:path'
import type { HealthReport } from '#core/health/report.js'
import { activeRelease } from '#core/home/active-release.js'
import { readBotFile } from '#core/home/bot-file.js'
import { homePaths } from '#core/home/home-paths.js'
import { type JournalEntry, readJournal } from '#core/journal/journal.js'
import { ask } from '../support/e2e/ask.js'
import type { Result } from '../support/e2e/process.js'
import { until } from '../support/e2e/until.js'
import type { Version } from './versions.js'

/** How a home of the lab is reached, wherever its bot runs. */
export interface Access {
  /** The home, as this process sees it. */
  readonly folder: string
  /** Where orders to the bot are left, and where it writes down what it has logged. */
  readonly control: string
  /** Whether the home's disk is its own, so that it can be filled. */
  readonly hasOwnDisk: boolean
  /** What keeps the bot running. */
  readonly supervisor: 'watchdog' | 'service'
  /** How much faster than this machine's its clock runs. */
  readonly speed: number
  /** The wall time by which the home lives, in milliseconds since 1970. */
  now(): number
  /** Runs `catalyst …` for this home to its end. */
  catalyst(...words: readonly string[]): Promise<Result>
  /** Begins `catalyst …`; `kill` ends it with SIGKILL. */
  begin(...words: readonly string[]): { readonly result: Promise<Result>; kill(): Promise<void> }
  /** Sends a signal to a process of the home, by its number there. */
  signal(pid: number, signal: NodeJS.Signals): Promise<void>
  /** The watchdog's process, while one runs. */
  watchdogPid(): number | undefined
  /** Starts the watchdog, unless its supervisor does that by itself. */
  startWatchdog(): Promise<void>
  /** Takes the power from all that runs in the home's machine at once, and boots it; undefined where it is this one. */
  readonly cutPower: (() => Promise<void>) | undefined
  /** Ends the watchdog and the bot. */
  end(): Promise<void>
}

/** Longest that anything may take until the bot works again, in milliseconds of this machine. */
const LONGEST_MS = 90_000

/** What the watchdog keeps of its last incident. */
export interface IncidentSeen {
  readonly id: number
  readonly state: string
  readonly ends: number
  readonly restartsBegun: number
}

/** A home under chaos: what can be seen of it from outside. */
export class Site {
  readonly name: string
  readonly access: Access
  readonly versions: readonly Version[]
  /** When its disk was full, by the home's clock. */
  readonly fullDisk: { readonly from: number; to: number }[] = []
  /** When whoever sends the alerts was killed, as `performance.now()` of this process. */
  readonly senderKills: number[] = []
  /** When processes were killed that log, by the home's clock. */
  readonly kills: number[] = []

  constructor(name: string, access: Access, versions: readonly Version[]) {
    this.name = name
    this.access = access
    this.versions = versions
  }

  get paths() {
    return homePaths(this.access.folder)
  }

  /** Tells the bot to go wrong at its next cycle. */
  order(what: 'exit' | 'throw' | 'block' | 'hang'): void {
    fs.writeFileSync(join(this.access.control, what), '')
  }

  /** The process that runs as `catalyst bot start`; fails while there is none. */
  botPid(): number {
    const bot = readBotFile(this.paths.bot)
    if (bot === undefined) throw new Error('no bot')
    return bot.pid
  }

  /** The process of the bot's program, or of the bot itself where it is a module. */
  workerPid(): number {
    return readBotFile(this.paths.bot)?.program?.pid ?? this.botPid()
  }

  async health(): Promise<HealthReport> {
    const { endpoint } = readBotFile(this.paths.bot) ?? {}
    if (endpoint === undefined) throw new Error('no endpoint')
    const { body } = await ask(`http://127.0.0.1:${endpoint.port}/health/detailed`, { timeoutMs: 2000 })
    return JSON.parse(body)
  }

  journal(): readonly JournalEntry[] {
    return readJournal(this.paths.journal).entries
  }

  /** The tag of the version that is active; null: the working tree. */
  get active(): string | null {
    return activeRelease(this.paths)?.name.replace(/-[0-9a-f]{8}$/, '') ?? null
  }

  /** Waits until the bot works as the active version, and nothing is under way any more. */
  async calm(): Promise<void> {
    let calmSince = 0
    await until(async () => {
      const state = await this.#disquiet().catch((error: Error) => error.message)
      if (state !== undefined) calmSince = 0
      if (state !== undefined) throw new Error(state)
      calmSince ||= performance.now()
      return performance.now() - calmSince > 700
    }, LONGEST_MS)
  }

  /** Says what is not calm. */
  async #disquiet(): Promise<string | undefined> {
    const { status, release, reasons } = await this.health()
    if (status !== 'healthy' && status !== 'degraded') return `${status}: ${reasons.join('; ')}`
    const active = activeRelease(this.paths)?.name ?? null
    if (release !== active) return `the bot runs ${release}, active is ${active}`
    if (fs.existsSync(this.paths.deployment)) return 'a deployment is interrupted'
    const incident = this.lastIncident()
    if (incident !== undefined && incident.state !== 'recovered') return `incident ${JSON.stringify(incident)}`
    return this.access.watchdogPid() === undefined ? 'no watchdog runs' : undefined
  }

  /** The watchdog's last incident, by its own file. */
  lastIncident(): IncidentSeen | undefined {
    const file = JSON.parse(fs.readFileSync(this.paths.watchdog, 'utf8'))
    return file.incident ?? undefined
  }

  /** Incidents that were told of since a time of the home's clock. */
  incidentsSince(wall: number): JournalEntry[] {
    return this.journal().filter(({ kind, time }) => kind === 'incident' && Date.parse(time) >= wall)
  }
}
