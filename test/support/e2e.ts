/**
 * What the end-to-end tests share: a home in a temporary folder, the real program in it, and the certainty that neither
 * a process nor a file is left behind.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import { dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { HealthReport } from '#core/health/report.js'
import { type JournalEntry, readJournal } from '#core/journal/journal.js'
import type { BotFile } from '#core/state/bot-file.js'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The program under test: this repository's, unless another one is named. */
const BIN = process.env.CATALYST_BIN ?? join(ROOT, 'bin', 'run.js')

/** How long anything may take on a busy machine before it counts as never. */
export const PATIENCE_MS = 20_000
const LOOK_MS = 20

/** In the environment of all that a test starts, with the test's folder: so that it can be found and ended. */
const MARK = 'E2E_FOLDER'

/** What a command line needs of the environment. Everything else stays out: it may hold settings of ours. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LANG']

/** Where it is noon: what a bot counts by its local day is counted on, whenever the tests run. */
const NOON = timeZoneOfNoon(new Date().getUTCHours())

export interface Result {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly pid: number
  readonly stdout: string
  readonly stderr: string
  /** What it printed on both. */
  readonly output: string
  readonly hasEnded: boolean
  /** Its standard input, where that is a pipe. */
  readonly stdin: Writable | null
  /** When it was started, as `performance.now()` tells it. */
  readonly since: number
  kill(signal: NodeJS.Signals): void
  /** Nobody listens to it any more: what it prints comes back as an error. */
  closeOutput(): void
  /** Its end; fails when that takes longer than `ms`. */
  result(ms?: number): Promise<Result>
}

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface TestServer {
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

type Environment = Readonly<Record<string, string>>

/** Starts a program with a clean environment and the mark of the test's folder. Its standard input is empty. */
type Run = (
  program: string,
  args: readonly string[],
  options: { folder: string; cwd?: string; env?: Environment; stdin?: 'ignore' | 'pipe' },
) => Running

/** Says that waiting on is useless. */
class Hopeless extends Error {}

type Truthy<T> = Exclude<T, false | null | undefined | '' | 0>

/** Waits until `look` gives something truthy, and returns that. `look` may throw while the thing isn't there yet. */
export async function until<T>(look: () => T | Promise<T>, ms = PATIENCE_MS): Promise<Truthy<T>> {
  const deadline = performance.now() + ms
  let last: unknown
  for (;;) {
    try {
      last = await look()
      if (last) return last as Truthy<T>
    } catch (error) {
      if (error instanceof Hopeless) throw error
      last = error
    }
    if (performance.now() > deadline) {
      const seen = last instanceof Error ? last.message : JSON.stringify(last)
      throw new Error(`not within ${ms} ms: ${look}; at last: ${seen}`)
    }
    await pause(LOOK_MS)
  }
}

/** For the rare test of something that must not happen. To wait for what will happen there is {@link until}. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** A word of BOT_COMMAND for this very Node. */
export const NODE = `"${process.execPath}"`

/** A bot that does nothing, quickly. */
const IDLE_MODULE = "export default { name: 'idle', cycle() {} }"

/**
 * The means of one test file: call it once inside `describe`. After each test all that was started is ended, what it
 * left behind too, and all folders are removed.
 */
export function endToEnd() {
  const children = new Set<ChildProcess>()
  const folders: string[] = []
  const openThings: (() => unknown)[] = []

  beforeEach(function () {
    this.currentTest?.timeout(PATIENCE_MS * 3) // whoever waits for something in vain still gets to say for what
  })

  afterEach(async function () {
    this.timeout(PATIENCE_MS * 1.5)
    for (const close of openThings.splice(0)) await close()
    await endAll(children, folders)
    for (const folder of folders.splice(0)) removeFolder(folder)
  })

  const run: Run = (program, args, { folder, cwd = folder, env = {}, stdin = 'ignore' }) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...cleanEnvironment(), [MARK]: folder, ...env },
      stdio: [stdin, 'pipe', 'pipe'],
    })
    children.add(child)
    return watch(child, [program, ...args].join(' '))
  }

  function emptyHome(settings: Environment = {}): Home {
    const folder = fs.mkdtempSync(join(fs.realpathSync(os.tmpdir()), 'catalyst-e2e-'))
    folders.push(folder)
    const home = new Home(folder, run)
    home.writeSettings({ HEALTH_CHECK_PORT: '0', ...settings })
    return home
  }

  return {
    /** A home with these settings in its `.env` and nothing else. The endpoint's port is any free one. */
    home: emptyHome,
    /** A home whose bot is this module; ten cycles a second. */
    moduleHome(code = IDLE_MODULE, settings: Environment = {}): Home {
      const home = emptyHome({ BOT_MODULE: 'bot.mjs', BOT_CYCLE_SECONDS: '0.1', ...settings })
      home.write('bot.mjs', code)
      return home
    },
    /** A home whose bot is this program, for Node. */
    programHome(code: string, settings: Environment = {}): Home {
      const home = emptyHome({ BOT_COMMAND: `${NODE} program.mjs`, ...settings })
      home.write('program.mjs', code)
      return home
    },
    run,
    /** Calls it after the test. */
    closeLater(close: () => unknown): void {
      openThings.push(close)
    },
    /** An HTTP server of the test's own on a free loopback port. */
    async serve(handler: http.RequestListener, port = 0): Promise<TestServer> {
      const server = http.createServer(handler)
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(port, '127.0.0.1', resolve)
      })
      const close = () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve())
          server.closeAllConnections()
        })
      openThings.push(close)
      const address = server.address() as AddressInfo
      return { port: address.port, url: `http://127.0.0.1:${address.port}`, close }
    },
  }
}

/** A bot's folder, and what can be asked and read there. */
export class Home {
  readonly folder: string
  readonly run: Run

  constructor(folder: string, run: Run) {
    this.folder = folder
    this.run = run
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts)
  }

  write(name: string, text: string): void {
    fs.mkdirSync(dirname(this.path(name)), { recursive: true })
    fs.writeFileSync(this.path(name), text)
  }

  /** The names in a folder of the home. */
  files(folder: string): string[] {
    return fs.readdirSync(this.path(folder)).sort()
  }

  /** The paths of all files of the home. */
  allFiles(): string[] {
    return fs
      .readdirSync(this.folder, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => fs.statSync(this.path(path), { throwIfNoEntry: false })?.isFile()) // what runs goes on writing
  }

  has(name: string): boolean {
    return fs.existsSync(this.path(name))
  }

  /** The file's permissions, such as '600'. */
  mode(name: string): string {
    return (fs.statSync(this.path(name)).mode & 0o777).toString(8)
  }

  /** The file's text, or '' where there is none. */
  read(name: string): string {
    return fs.existsSync(this.path(name)) ? fs.readFileSync(this.path(name), 'utf8') : ''
  }

  writeSettings(settings: Environment): void {
    const quoted = (value: string) => (/["#\n]/.test(value) ? `'${value}'` : value)
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${quoted(value)}\n`)
    this.write('.env', lines.join(''))
  }

  /** `catalyst bot start` for this home, from somewhere else. */
  start(args: readonly string[] = [], env: Environment = {}): Running {
    const [program, ...words] = this.startCommand()
    return this.run(program, [...words, ...args], { folder: this.folder, cwd: os.tmpdir(), env })
  }

  startCommand(): [string, ...string[]] {
    return [process.execPath, BIN, 'bot', 'start', '--home', this.folder]
  }

  /** Starts the bot, and waits until its endpoint answers. */
  async started(args: readonly string[] = [], env?: Environment): Promise<Running> {
    const bot = this.start(args, env)
    await until(() => {
      if (bot.hasEnded) throw new Hopeless(`the bot has ended:\n${bot.output}`)
      const file = this.botFile()
      return file.pid === bot.pid && file.endpoint
    })
    return bot
  }

  /** Starts the bot, and waits until it is healthy. */
  async healthy(args: readonly string[] = [], env?: Environment): Promise<Running> {
    const bot = await this.started(args, env)
    await this.status('healthy')
    return bot
  }

  /** Runs a command for this home to its end. */
  catalyst(args: readonly string[], ms?: number): Promise<Result> {
    const words = [BIN, ...args, '--home', this.folder]
    return this.run(process.execPath, words, { folder: this.folder, cwd: os.tmpdir() }).result(ms)
  }

  /** The same from a folder of the home, without naming the home. */
  catalystIn(folder: string, args: readonly string[]): Promise<Result> {
    return this.run(process.execPath, [BIN, ...args], { folder: this.folder, cwd: this.path(folder) }).result()
  }

  botFile(): BotFile {
    return JSON.parse(fs.readFileSync(this.path('.catalyst', 'state', 'bot.json'), 'utf8'))
  }

  /** The process that runs as BOT_COMMAND, once it does. */
  programPid(): Promise<number> {
    return until(() => this.botFile().program?.pid)
  }

  /** The command lines of what was started in this home and still runs, by pid. Linux only. */
  processes(): Map<number, string> {
    const words = (pid: number) => readOrEmpty(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
    return new Map(marked([this.folder]).map((pid) => [pid, words(pid)]))
  }

  /** The address that the program has in CATALYST_REPORT_URL. Only programs of these tests write it down there. */
  reportUrl(): Promise<string> {
    return until(() => this.read('report-url').trim())
  }

  journal(): readonly JournalEntry[] {
    return readJournal(this.path('.catalyst', 'journal.jsonl')).entries
  }

  kinds(): string[] {
    return this.journal().map((entry) => entry.kind)
  }

  /** The newest entry of a kind. */
  entry(kind: string): JournalEntry {
    const found = this.journal().findLast((entry) => entry.kind === kind)
    if (!found) throw new Error(`the journal has no ${kind}, only ${this.kinds().join(', ')}`)
    return found
  }

  /** The messages in bot.jsonl. */
  logged(): string[] {
    return this.logLines().map(({ msg }) => msg)
  }

  logLines(): { level: string; msg: string }[] {
    return this.read('data/logs/bot.jsonl')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  }

  /** Asks the bot's health endpoint. */
  ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    const { host, port } = this.botFile().endpoint ?? {}
    return ask(`http://${host}:${port}${path}`, options)
  }

  async health(): Promise<HealthReport> {
    return JSON.parse((await this.ask('/health/detailed')).body)
  }

  /** Waits until the bot has this status, and returns its figures. */
  status(wanted: HealthReport['status'], ms?: number): Promise<HealthReport> {
    return until(async () => {
      const report = await this.health()
      if (report.status !== wanted) throw new Error(`${report.status}: ${report.reasons.join('; ')}`)
      return report
    }, ms)
  }
}

/** One request, on a connection of its own. */
export function ask(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string | Buffer; timeoutMs?: number } = {},
): Promise<Answer> {
  const { method = 'GET', headers = {}, body, timeoutMs = 5000 } = options
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false, timeout: timeoutMs }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      response.on('error', reject)
    })
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)))
    request.on('error', reject)
    request.end(body)
  })
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Whether the process still works; one that has ended and is only not yet collected doesn't. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  if (process.platform !== 'linux') return true
  const stat = readOrEmpty(`/proc/${pid}/stat`)
  return !/^(Z|X|)$/.test(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0] ?? '')
}

function cleanEnvironment(): Record<string, string> {
  const kept = PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))
  return { ...Object.fromEntries(kept), TZ: NOON, NO_COLOR: '1' }
}

/** East of Greenwich has a minus there. */
function timeZoneOfNoon(hours: number): string {
  return hours <= 12 ? `Etc/GMT-${12 - hours}` : `Etc/GMT+${hours - 12}`
}

function watch(child: ChildProcess, name: string): Running {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const ended = new Promise<Result>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  ended.catch(() => {})
  return {
    pid: child.pid as number,
    get stdout() {
      return stdout
    },
    get stderr() {
      return stderr
    },
    get output() {
      return stdout + stderr
    },
    get hasEnded() {
      return child.exitCode !== null || child.signalCode !== null
    },
    stdin: child.stdin,
    since: performance.now(),
    kill: (signal) => void child.kill(signal),
    closeOutput() {
      child.stdout?.destroy()
      child.stderr?.destroy()
    },
    async result(ms = PATIENCE_MS) {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${name} did not end within ${ms} ms:\n${stdout}${stderr}`)), ms)
      })
      return Promise.race([ended, late]).finally(() => clearTimeout(timer))
    },
  }
}

/** Ends children and whatever carries the mark of one of the folders, each by its own pid. */
async function endAll(children: Set<ChildProcess>, folders: readonly string[]): Promise<void> {
  const running = [...children].filter((child) => child.exitCode === null && child.signalCode === null)
  const gone = running.map((child) => new Promise((resolve) => child.once('exit', resolve)))
  for (const child of running) child.kill('SIGKILL')
  await Promise.all(gone)
  children.clear()
  await until(() => {
    const left = marked(folders)
    for (const pid of left) process.kill(pid, 'SIGKILL')
    return left.length === 0
  })
}

function marked(folders: readonly string[]): number[] {
  if (process.platform !== 'linux' || folders.length === 0) return []
  return fs
    .readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const environment = `\0${readOrEmpty(`/proc/${pid}/environ`)}`
      return folders.some((folder) => environment.includes(`\0${MARK}=${folder}\0`)) && isAlive(Number(pid))
    })
    .map(Number)
}

function readOrEmpty(path: string): string {
  try {
    return fs.readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

/** Removes a folder into which somebody may still write who is about to end. */
export function removeFolder(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
}
