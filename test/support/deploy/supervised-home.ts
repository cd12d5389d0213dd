import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { dirname, join } from 'node:path'
import { prepare } from '#core/deploy/prepare.js'
import { findTarget, lastGood } from '#core/deploy/releases/find-target.js'
import { type RatedCommit, ratedAs, ratingOf } from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { ship } from '#core/deploy/ship.js'
import { readPointer } from '#core/home/active-release.js'
import { homePaths } from '#core/home/home-paths.js'
import { openJournal, readJournal } from '#core/journal/journal.js'
import { realClock } from '#core/platform/clock.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { NO_SUPERVISOR, type Supervisor } from '#core/supervisor/supervisor.js'
import { aHome } from '../builders/home.js'
import { tempFolder } from '../temp.js'
import { deployWith, openHomeOf, QUIET } from './deploy.js'
import { TestRepository } from './repository.js'

/** A home with a supervisor that is told what works: a restart then shows a bot that works, or crashes. */
export class SupervisedHome {
  readonly folder: string
  readonly paths: ReturnType<typeof homePaths>
  /** Versions whose bot crashes at once. */
  readonly broken = new Set<string>()
  /** Versions whose bot somebody kills at once. */
  readonly killed = new Set<string>()
  /** Whether restarting works at all. */
  restarts = true
  readonly supervisor: Supervisor
  readonly #repository = new TestRepository(tempFolder())

  constructor(versions: readonly string[]) {
    this.folder = this.#repository.folder
    this.paths = homePaths(this.folder)
    // without the endpoint a bot is well when its process lives
    fs.writeFileSync(join(this.folder, '.env'), 'HEALTH_CHECK_ENABLED=0\nDEPLOY_SETTLE_SECONDS=0\n')
    for (const tag of versions) {
      this.#repository.commit({ '.gitignore': '.env\ndata/\n', 'bot.mjs': `// ${tag}\n` })
      this.#repository.git('tag', tag)
    }
    this.supervisor = { ...NO_SUPERVISOR, kind: 'watchdog', environment: {}, restart: () => this.#restart() }
  }

  async #restart(): Promise<void> {
    if (!this.restarts) throw new Error('no restart today')
    const release = readPointer(this.paths)?.name ?? null
    const journal = openJournal(realClock, this.paths.journal, (text) => text)
    const bot = { ...(await thisProcess()), instance: randomUUID(), since: '', version: '', release }
    fs.mkdirSync(dirname(this.paths.bot), { recursive: true })
    fs.writeFileSync(this.paths.bot, JSON.stringify(bot))
    journal.append('bot.start', { pid: bot.pid, release })
    const is = (versions: ReadonlySet<string>) => [...versions].some((tag) => release?.startsWith(`${tag}-`))
    if (is(this.broken)) journal.append('bot.crash', { pid: bot.pid, exit: 1, error: 'it is broken' })
    if (is(this.killed)) journal.append('bot.exit', { pid: bot.pid, exit: 137 })
  }

  /** The bot that runs crashes that often, and is started again each time. */
  async crash(times: number): Promise<void> {
    const journal = openJournal(realClock, this.paths.journal, (text) => text)
    for (let time = 0; time < times; time++) {
      journal.append('bot.crash', { pid: process.pid, exit: 1, ran_seconds: 30, error: 'no price' })
      await this.#restart()
    }
  }

  deploy(tag: string) {
    return deployWith(this.supervisor, this.folder, tag)
  }

  /** Goes back as `catalyst deploy rollback TAG --yes` does; without a tag as with `--last-good`. */
  async rollBack(tag?: string) {
    const home = await openHomeOf(this.supervisor, this.folder)
    const version = tag === undefined ? lastGood(home) : await findTarget(home, tag)
    const { plan } = await prepare(home, version, { what: 'rollback', force: false, settings: 'snapshot' })
    return ship(home, plan, QUIET)
  }

  /** Sets a setting in `.env`. */
  set(name: string, value: string): void {
    const lines = this.settings.split('\n').filter((line) => line !== '' && !line.startsWith(`${name}=`))
    fs.writeFileSync(this.paths.env, `${[...lines, `${name}=${value}`].join('\n')}\n`)
  }

  get settings(): string {
    return fs.readFileSync(this.paths.env, 'utf8')
  }

  /** The tags of the releases on disk, sorted. */
  get onDisk(): string[] {
    return new Releases(aHome({ folder: this.paths.home }))
      .list()
      .map(({ tag }) => tag ?? '')
      .sort()
  }

  get active(): string | undefined {
    return readPointer(this.paths)?.name.split('-')[0]
  }

  ended() {
    return readJournal(this.paths.journal)
      .entries.filter(({ kind }) => kind === 'deploy.end')
      .at(-1)
  }

  ratedAs(tag: string): string {
    return ratedAs(this.ratingOf(tag))
  }

  ratingOf(tag: string): RatedCommit | undefined {
    const commit = this.#repository.git('rev-parse', `${tag}^{commit}`)
    return ratingOf(readRatings(aHome({ folder: this.paths.home })), commit)
  }
}
