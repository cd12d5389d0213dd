import type { Logger } from 'pino'
import type { HomePaths } from '#core/state/home-paths.js'
import { readJson } from '#core/state/json-file.js'
import { readStopWish } from '#core/state/wanted.js'
import type { Clock } from '#core/system/clock.js'
import { exists } from '#core/system/files.js'
import { Backoff } from './backoff.js'
import { isDeploying } from './look.js'

interface RecoveriesOptions {
  readonly paths: HomePaths
  readonly log: Logger
  /** Brings a deployment that was cut off to its end; `restart` restarts the bot, unless that is to stay stopped. */
  readonly recover: (restart: (() => Promise<void>) | undefined) => Promise<void>
  readonly restart: () => Promise<void>
}

/** Between two tries: a deployment may lack what only a person can give, such as disk space. */
const PAUSES = { firstMs: 5 * 60_000, mostMs: 60 * 60_000 }

/** Sees to it that a deployment that nobody carries on any more, as after a power cut, is brought to its end. */
export class Recoveries {
  readonly #clock: Clock
  readonly #options: RecoveriesOptions
  readonly #backoff = new Backoff(PAUSES)
  /** The deployment that was found cut off last. */
  #last: string | undefined

  constructor(clock: Clock, options: RecoveriesOptions) {
    this.#clock = clock
    this.#options = options
  }

  /** Looks for such a deployment, and recovers it if a try is due. */
  async look(): Promise<void> {
    const { paths, log, recover, restart } = this.#options
    const found = await this.#cutOff()
    // a person may have been quicker, and the next one that is cut off must not wait for that
    if (found !== this.#last) this.#backoff.succeeded()
    this.#last = found
    if (found === undefined) return
    const now = this.#clock.monotonic()
    if (!this.#backoff.isDue(now)) return
    log.warn('a deployment was cut off: it is brought to its end')
    this.#backoff.tried(now)
    await recover(readStopWish(paths) === undefined ? restart : undefined)
  }

  /**
   * The id of a deployment that was cut off, if there is one; of a file that nobody can read it is empty. Who is at it is
   * asked first, which may take its time: a deployment that comes to its end takes its file away before it lets go.
   */
  async #cutOff(): Promise<string | undefined> {
    const { paths } = this.#options
    if ((await isDeploying(paths)) || !exists(paths.deployment)) return undefined
    try {
      return readJson<{ id: string }>(paths.deployment, ({ id }) => typeof id === 'string')?.id ?? ''
    } catch {
      return '' // the try to recover it says why, and the watch goes on between two of them
    }
  }
}
