import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readBotFile } from '#core/home/bot-file.js'
import { homePaths } from '#core/home/home-paths.js'
import { readHolderNow } from '#core/home/lock.js'
import { rotatedTime } from '#core/logging/rotated-name.js'
import { textLines } from '#core/platform/fs/text-lines.js'
import { ROOT } from '../support/e2e/root.js'
import { endAll, isAlive, MARK } from '../support/e2e/still-running.js'
import { until } from '../support/e2e/until.js'
import { type LineFault, LineLedger, type Written } from './lines.js'

const beside = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const PROBE = beside('probe.cjs')
const LOG = 'bot.jsonl'

/** Lines of the log in a second of this machine. */
const LINES_PER_SECOND = 1000
const TICK_MS = 50

/** The settings by which a freeze is found, in seconds of the home's clock: their defaults. */
export const FREEZE_SECONDS = 300
export const CHECK_SECONDS = 60
/** The limit of each log's rotated files, in MB: small enough to be reached. */
const LOG_MB = 20
/** The most that rotated logs may take: of each log its limit, and a file that is beyond it for a moment. */
export const MOST_ROTATED_BYTES = 4 * (LOG_MB + 10) * 1024 * 1024
/** The most incidents that a home keeps. */
export const MOST_INCIDENTS = 50

const END_MS = 60_000
const PROBE_MS = 180_000

export type Role = 'bot' | 'watchdog'

/** What is seen of a process from outside. */
export interface OutsideFigures {
  readonly private_bytes: number
  readonly rss_bytes: number
  readonly descriptors: number
  readonly threads: number
}

/** What is seen of a process from inside, once all garbage is gone. */
export interface InsideFigures {
  readonly live_heap_bytes: number
  readonly external_bytes: number
  readonly rss_bytes: number
  readonly timers: number
  readonly resources: number
}

/** What a home has on disk. */
export interface FileFigures {
  /** Files that are neither rotated logs nor of incidents, and their size. */
  readonly files: number
  readonly bytes: number
  readonly incidents: number
  readonly rotated: number
  readonly rotated_bytes: number
}

export interface SoakHomeOptions {
  /** An empty folder. */
  readonly folder: string
  readonly speed: number
  /** What sets the clock. */
  readonly clock: Readonly<Record<string, string>>
  readonly webhook: string
}

/** A home whose watchdog keeps a bot that logs. */
export class SoakHome {
  readonly name: string
  readonly folder: string
  readonly #control: string
  readonly #children = new Set<ChildProcess>()
  readonly #ledger = new LineLedger()
  readonly #counted = new Set<string>()
  #counting: Promise<void> = Promise.resolve()

  constructor(name: string, { folder, speed, clock, webhook }: SoakHomeOptions) {
    this.name = name
    this.folder = join(folder, 'home')
    this.#control = join(folder, 'control')
    fs.mkdirSync(this.folder)
    fs.mkdirSync(this.#control)
    fs.copyFileSync(beside('bot.mjs'), join(this.folder, 'bot.mjs'))
    const settings = {
      BOT_MODULE: 'bot.mjs',
      BOT_NAME: name,
      HEALTH_CHECK_PORT: 0,
      WATCHDOG_ENABLED: 1,
      WATCHDOG_CHECK_INTERVAL: CHECK_SECONDS,
      WATCHDOG_FREEZE_THRESHOLD: FREEZE_SECONDS,
      WATCHDOG_MAX_RESTARTS: 1000,
      BOT_STARTS_PER_DAY: 1000,
      LOG_MAX_MB: LOG_MB,
      ADMIN_ALERT_WEBHOOK: webhook,
    }
    const lines = Object.entries(settings).map(([setting, value]) => `${setting}=${value}\n`)
    fs.writeFileSync(join(this.folder, '.env'), lines.join(''))
    const { PATH, HOME } = process.env
    const env = {
      PATH,
      HOME,
      ...clock,
      XDG_CONFIG_HOME: this.#control,
      NODE_OPTIONS: `--require=${PROBE}`,
      SOAK_CONTROL: this.#control,
      SOAK_LINES_PER_SECOND: String(LINES_PER_SECOND / speed),
      SOAK_TICK_SECONDS: String((TICK_MS / 1000) * speed),
      CATALYST_SERVICE: name, // as it runs when it is installed: without the command line
      [MARK]: folder,
    }
    const words = [join(ROOT, 'bin', 'run.js'), 'watchdog', 'run', '--home', this.folder]
    this.#children.add(spawn(process.execPath, words, { cwd: this.folder, env, stdio: 'ignore', detached: true }))
  }

  get paths() {
    return homePaths(this.folder)
  }

  /** Returns the pid of a process that lives; undefined while there is none. */
  pid(role: Role): number | undefined {
    const { bot, watchdogLock } = this.paths
    const pid = role === 'bot' ? readBotFile(bot)?.pid : readHolderNow(watchdogLock)?.pid
    return pid !== undefined && isAlive(pid) ? pid : undefined
  }

  /** Returns where the bot answers; undefined while it doesn't say. */
  get url(): string | undefined {
    const port = readBotFile(this.paths.bot)?.endpoint?.port
    return port === undefined ? undefined : `http://127.0.0.1:${port}`
  }

  /** Tells the bot to exit, or to block its event loop. */
  order(what: 'exit' | 'block'): void {
    fs.writeFileSync(join(this.#control, `order-${what}`), '')
  }

  outside(role: Role): OutsideFigures | undefined {
    const pid = this.pid(role)
    try {
      const rollup = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      const kb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(rollup)?.[1])
      return {
        private_bytes: (kb('Private_Clean') + kb('Private_Dirty')) * 1024,
        rss_bytes: kb('Rss') * 1024,
        descriptors: fs.readdirSync(`/proc/${pid}/fd`).length,
        threads: fs.readdirSync(`/proc/${pid}/task`).length,
      }
    } catch {
      return undefined // it has just ended
    }
  }

  async inside(role: Role): Promise<InsideFigures | undefined> {
    return (await this.#ask(role, 'measure')) as InsideFigures | undefined
  }

  /** Has a process write a heap snapshot. Returns whether it has. */
  async snapshot(role: Role, path: string): Promise<boolean> {
    return (await this.#ask(role, `snapshot ${path}`)) !== undefined
  }

  /** Asks the probe in a process; undefined where that has ended. */
  #ask(role: Role, words: string): Promise<unknown> {
    const path = join(this.#control, `${this.pid(role)}.sock`)
    return new Promise((resolve) => {
      let text = ''
      const socket = net.connect(path, () => socket.write(words))
      socket.setTimeout(PROBE_MS, () => socket.destroy())
      socket.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      socket.on('error', () => {}).on('close', () => resolve(text === '' ? undefined : JSON.parse(text)))
    })
  }

  files(): FileFigures {
    const all = fs
      .readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
    const { incidents } = this.paths
    const rotated = all.filter(isRotated)
    const others = all.filter((path) => !isRotated(path) && !path.startsWith(incidents))
    return {
      files: others.length,
      bytes: sum(others.map(sizeOf)),
      incidents: fs.existsSync(incidents) ? fs.readdirSync(incidents).length : 0,
      rotated: rotated.length,
      rotated_bytes: sum(rotated.map(sizeOf)),
    }
  }

  /** Counts the lines of what was rotated since the last time. */
  countRotated(): Promise<void> {
    this.#counting = this.#counting.then(async () => {
      const names = fs.existsSync(this.paths.logs) ? fs.readdirSync(this.paths.logs) : []
      const plain = names
        .filter((name) => rotatedTime(LOG, name) !== undefined)
        .map((name) => name.replace(/\.gz$/, ''))
      for (const name of [...new Set(plain)].sort()) {
        if (this.#counted.has(name)) continue
        this.#counted.add(name)
        await this.#count(join(this.paths.logs, name))
      }
    })
    return this.#counting
  }

  async #count(path: string): Promise<void> {
    for await (const text of textLines(path)) this.#ledger.take(text)
  }

  /** Ends the watchdog and its bot as a person would. @throws when they don't end */
  async stop(): Promise<void> {
    const pid = this.pid('watchdog')
    if (pid === undefined) return
    process.kill(pid, 'SIGTERM')
    await until(() => !isAlive(pid) && this.pid('bot') === undefined, END_MS)
  }

  /** Counts all lines of the log, whose bot must have ended, and returns what is wrong. */
  async lines(): Promise<{
    readonly count: number
    readonly rotations: number
    readonly faults: readonly LineFault[]
  }> {
    await this.countRotated()
    await this.#count(join(this.paths.logs, LOG))
    const written = new Map<string, Written>()
    for (const name of fs.readdirSync(this.#control)) {
      if (!name.endsWith('.lines.json')) continue
      const { run, sure } = JSON.parse(fs.readFileSync(join(this.#control, name), 'utf8'))
      written.set(run, { sure })
    }
    return { count: this.#ledger.count, rotations: this.#counted.size, faults: this.#ledger.faults(written) }
  }

  /** Ends whatever is left, at once. */
  async end(): Promise<void> {
    await endAll(this.#children, [join(this.folder, '..')])
  }
}

function isRotated(path: string): boolean {
  return /\.(jsonl|log)\.\d{4}-\d\d-\d\dT/.test(path)
}

function sizeOf(path: string): number {
  try {
    return fs.statSync(path).size
  } catch {
    return 0 // it was compressed or removed a moment ago
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
