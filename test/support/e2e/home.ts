import fs from 'node:fs'
import os from 'node:os'
import { dirname, join } from 'node:path'
import type { HealthReport } from '#core/health/report.js'
import type { BotFile } from '#core/home/bot-file.js'
import { type JournalEntry, readJournal } from '#core/journal/journal.js'
import { type Answer, ask } from './ask.js'
import type { Environment, Result, Run, Running } from './process.js'
import { BIN } from './root.js'
import { commandLines } from './still-running.js'
import { Hopeless, until } from './until.js'

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

  /** `catalyst watchdog run` for this home, from somewhere else. */
  watchdog(env: Environment = {}): Running {
    return this.inForeground(['watchdog', 'run'], env)
  }

  /** Starts a command for this home, from somewhere else. */
  inForeground(args: readonly string[], env: Environment = {}): Running {
    const words = [BIN, ...args, '--home', this.folder]
    return this.run(process.execPath, words, { folder: this.folder, cwd: os.tmpdir(), env })
  }

  /** Runs a command for this home to its end. */
  catalyst(args: readonly string[], ms?: number): Promise<Result> {
    return this.inForeground(args).result(ms)
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
    return commandLines(this.folder)
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

  logLines(): { level: string; msg: string; err?: object; stream?: string }[] {
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
