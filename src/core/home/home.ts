import { type Config, readConfig } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { secretForms } from '#core/config/secrets.js'
import { type Journal, type JournalEntry, openJournal, readNewest, readRecent } from '#core/journal/journal.js'
import { redactor } from '#core/logging/redact.js'
import type { Clock } from '#core/platform/clock.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { actingAs, asker, ownerOf, type User } from '#core/platform/process/users.js'
import { type Pointer, readPointer } from './active-release.js'
import { type BotFile, readBotFile } from './bot-file.js'
import { type DesiredState, readDesiredStop } from './desired-state.js'
import type { HomePaths } from './home-paths.js'
import { readHolderNow } from './lock.js'

/** The facts that a home is opened with. */
export interface HomeFacts {
  readonly clock: Clock
  readonly paths: HomePaths
  readonly config: Config
  /** The owner of its folder, where that is known already. */
  readonly owner?: User
}

/** The files of a home, and what touches them as their owner. */
export type HomeFiles = Pick<Home, 'paths' | 'asOwner'>

/**
 * A home, opened once for an operation on it. Its methods read and write as the home's owner, so that root's rights lead
 * nowhere; all else that touches its files goes through {@link Home.asOwner}.
 */
export class Home {
  readonly clock: Clock
  readonly paths: HomePaths
  readonly config: Config
  readonly owner: User
  /** The person who asked for the operation. */
  readonly by = asker()
  readonly redact: (text: string) => string
  /** The journal. Each entry names the person who asked. */
  readonly journal: Journal

  constructor({ clock, paths, config, owner = ownerOf(paths.home) }: HomeFacts) {
    this.clock = clock
    this.paths = paths
    this.config = config
    this.owner = owner
    this.redact = redactor(secretForms({ ...process.env, ...config.environment }))
    const { append, note } = openJournal(clock, paths.journal, this.redact)
    const asTheirs =
      (write: Journal['append']): Journal['append'] =>
      (kind, details = {}) =>
        this.asOwner(() => write(kind, { ...details, by: this.by }))
    this.journal = { append: asTheirs(append), note: asTheirs(note) }
  }

  /** Opens a home with the settings in `.env` and this environment over them, whatever their faults are. */
  static open(clock: Clock, paths: HomePaths, environment: NodeJS.ProcessEnv): Home {
    const owner = ownerOf(paths.home)
    return new Home({ clock, paths, owner, config: actingAs(owner, () => readConfig(paths.home, environment)) })
  }

  get settings(): Settings {
    return this.config.settings
  }

  /** Does this as the home's owner; see {@link actingAs}. */
  readonly asOwner = <T>(work: () => T): T => actingAs(this.owner, work)

  /** Reads the settings as they are by now: a deployment may have replaced them. */
  readSettings(environment: NodeJS.ProcessEnv): Settings {
    return this.asOwner(() => readConfig(this.paths.home, environment).settings)
  }

  /** Returns the record of the newest bot, which may have exited. */
  lastBot(): BotFile | undefined {
    return this.asOwner(() => readBotFile(this.paths.bot))
  }

  /** Returns the bot that runs. */
  async runningBot(): Promise<BotFile | undefined> {
    const bot = this.lastBot()
    return bot && (await isRunning(bot)) ? bot : undefined
  }

  /** Returns whether the process that holds this lock of the home runs. */
  async isHeld(lock: 'watchdogLock' | 'deployLock'): Promise<boolean> {
    const holder = this.asOwner(() => readHolderNow(this.paths[lock]))
    return holder !== undefined && isRunning(holder)
  }

  /** Returns the pointer to the active release; undefined: the bot runs in the working tree. */
  activePointer(): Pointer | undefined {
    return this.asOwner(() => readPointer(this.paths))
  }

  /** Returns who has stopped the bot on purpose, if it is to stay so. */
  desiredStop(): DesiredState | undefined {
    return this.asOwner(() => readDesiredStop(this.paths))
  }

  /** Returns when they did, ISO 8601; it never fails: what can't be read is no reason to leave the bot as it is. */
  desiredStopAt(): string | undefined {
    try {
      return this.desiredStop()?.at
    } catch {
      return undefined
    }
  }

  /** Returns the journal's newest entries; see {@link readNewest}. */
  newestEntries(): readonly JournalEntry[] {
    return this.asOwner(() => readNewest(this.paths.journal))
  }

  /** Returns the journal's last entries, and before them those about versions; see {@link readRecent}. */
  recentEntries(): readonly JournalEntry[] {
    return this.asOwner(() => readRecent(this.paths.journal))
  }
}
