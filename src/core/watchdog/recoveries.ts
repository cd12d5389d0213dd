import type { Logger } from 'pino'
import { readDesiredStop } from '#core/home/desired-state.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { Backoff } from '#core/platform/backoff.js'
import type { Clock } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { readJson } from '#core/platform/fs/json-file.js'
import { whyNotWritable } from '#core/platform/fs/permissions.js'
import { NO_SUPERVISOR, type Supervisor } from '#core/supervisor/supervisor.js'
import { isDeploying } from './observe.js'

interface RecoveriesOptions {
  readonly paths: HomePaths
  readonly log: Logger
  readonly supervisor: Supervisor
  /** Resumes or rolls back an interrupted deployment, with this supervisor: none where the bot is to stay stopped. */
  readonly recover: (supervisor: Supervisor) => Promise<void>
}

/** The pauses between two tries: a deployment may lack what only a person can give, such as disk space. */
const PAUSES = { firstMs: 5 * 60_000, mostMs: 60 * 60_000 }

/** The recoveries of deployments that were interrupted, as by a power cut: each is resumed or rolled back. */
export class Recoveries {
  readonly #clock: Clock
  readonly #options: RecoveriesOptions
  readonly #backoff = new Backoff(PAUSES)
  /** The deployment that was found interrupted last. */
  #last: string | undefined
  /**
   * True where the home could not be written to after the last try, as on a full disk: once it can, the next try is
   * due.
   */
  #lacksRoom = false

  constructor(clock: Clock, options: RecoveriesOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** Recovers an interrupted deployment, if there is one and a try is due. */
  async recoverIfDue(): Promise<void> {
    const { paths, log, recover, supervisor } = this.#options
    const found = await this.#interrupted()
    // a person may have been quicker, and the next interrupted deployment must not wait for that
    if (found !== this.#last) this.#backoff.succeeded()
    this.#last = found
    if (found === undefined) return
    if (this.#lacksRoom && isWritable(paths)) {
      this.#lacksRoom = false
      this.#backoff.succeeded()
    }
    const now = this.#clock.monotonic()
    if (!this.#backoff.isDue(now)) return
    log.warn('a deployment was interrupted: it is resumed or rolled back')
    this.#backoff.tried(now)
    try {
      await recover(readDesiredStop(paths) === undefined ? supervisor : NO_SUPERVISOR)
    } finally {
      this.#lacksRoom = !isWritable(paths)
    }
  }

  /**
   * Returns the id of an interrupted deployment, if there is one; an empty one for a file that can't be read. The lock
   * is checked first, which may take its time: a deployment that ends removes its file before it releases the lock.
   */
  async #interrupted(): Promise<string | undefined> {
    const { paths } = this.#options
    if ((await isDeploying(paths)) || !exists(paths.deployment)) return undefined
    try {
      return readJson<{ id: string }>(paths.deployment, ({ id }) => typeof id === 'string')?.id ?? ''
    } catch {
      return '' // the try to recover it says why, and the watch goes on between two tries
    }
  }
}

function isWritable({ state }: HomePaths): boolean {
  return whyNotWritable(state) === undefined
}
