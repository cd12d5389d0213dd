import type { Logger } from 'pino'
import { messageOf } from '#core/errors.js'
import { activeRelease } from '#core/home/active-release.js'
import { readDesiredStop } from '#core/home/desired-state.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { hasOtherRuntime } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'
import { isDeploying } from './observe.js'

/** A release that could not start on today's runtime, and what its start said. */
export interface Broken {
  readonly release: string
  readonly why: string
}

export interface RepairsOptions {
  readonly paths: HomePaths
  readonly log: Logger
  readonly supervisor: Supervisor
  /** Builds a release anew, and restarts the bot with this supervisor. */
  readonly repair: (broken: Broken, supervisor: Supervisor, signal: AbortSignal) => Promise<void>
  /** Saves the tried ones: a watchdog that is killed in the middle must not begin again for ever. */
  readonly save: () => void
}

/** The number of releases of which is remembered that a repair was tried. */
const REMEMBERED = 20

/** The repairs of releases whose runtime has changed: each is tried once. */
export class Repairs {
  readonly #options: RepairsOptions
  #tried: readonly string[]
  #broken: Broken | undefined

  /** Begins with the releases that an earlier watchdog has tried to repair. */
  constructor(options: RepairsOptions, tried: readonly string[] = []) {
    this.#options = options
    this.#tried = tried
  }

  /** The releases of which a repair was tried, the last one last. */
  get tried(): readonly string[] {
    return this.#tried
  }

  /** Takes in new entries of the journal: a start that was refused may name a broken release. */
  saw(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      const { release, error } = entry
      if (hasOtherRuntime(entry) && typeof release === 'string') this.#broken = { release, why: String(error) }
    }
  }

  /** Repairs the active release, if it could not start and nobody has tried that before. */
  async repairIfDue(signal: AbortSignal): Promise<void> {
    const { paths, log, supervisor, repair, save } = this.#options
    const broken = this.#broken
    if (broken === undefined || this.#tried.includes(broken.release)) return
    if (await isDeploying(paths)) return
    this.#broken = undefined // the next start that is refused names it again
    const isActive = () => activeRelease(paths)?.name === broken.release
    if (!isActive() || readDesiredStop(paths) !== undefined) return
    this.#tried = [...this.#tried, broken.release].slice(-REMEMBERED)
    save()
    log.warn(`${broken.release} can't start on today's runtime: it is built anew, once`)
    try {
      await repair(broken, supervisor, signal)
    } catch (error) {
      log.error(`${broken.release} could not be built anew: ${messageOf(error)}`)
    }
    // one that was cut short by our own end is the next watchdog's
    if (signal.aborted && isActive()) this.#tried = this.#tried.filter((one) => one !== broken.release)
  }
}
