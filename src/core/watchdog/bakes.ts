import type { Logger } from 'pino'
import { messageOf } from '#core/errors.js'
import { activeRelease } from '#core/home/active-release.js'
import { readDesiredStop } from '#core/home/desired-state.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type Incident, isCrashLoop, isOpen } from '#core/incidents/incident.js'
import type { Clock } from '#core/platform/clock.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'
import { isDeploying } from './observe.js'

/** A release that fails while it bakes. */
export interface Failing {
  readonly release: string
  /** Why, as the end of a sentence that begins with the release. */
  readonly why: string
  /** True where its exits are the reason, so that they have to be its own fault. */
  readonly isByExits: boolean
}

/**
 * What became of taking a release back. `done`: it was tried, or a person was told that there is nothing to go back to.
 * `later`: something outside is down, or somebody deploys. `not due`: the release has baked, or was not to blame.
 */
export type TakenBack = 'done' | 'later' | 'not due'

export interface BakesOptions {
  readonly paths: HomePaths
  readonly log: Logger
  readonly supervisor: Supervisor
  /** How long a release bakes, in hours; 0: no release does. */
  readonly bakeHours: number
  /** Takes a release back, where it still bakes, and restarts the bot with this supervisor. */
  readonly takeBack: (failing: Failing, supervisor: Supervisor, signal: AbortSignal) => Promise<TakenBack>
  readonly save: () => void
}

/** The time until something that was down is asked for again. */
const LATER_MS = 60_000
/** The number of releases of which is remembered that they were taken back. */
const REMEMBERED = 20

/** Returns why a release fails, by the incident that is open; undefined where it doesn't. */
export function failingBy(incident: Incident | undefined, release: string | undefined): Failing | undefined {
  if (release === undefined || !isOpen(incident) || incident.release !== release) return undefined
  if (incident.why === 'ended' && isCrashLoop(incident))
    return { release, why: `it is in a crash loop: it has ended ${incident.ends} times`, isByExits: true }
  const { state, attention } = incident
  if (state === 'needs_attention' && attention?.why === 'restarts_used_up')
    return { release, why: `${attention.limit} restarts in an hour did not help`, isByExits: false }
  return undefined
}

/** The releases that bake: one that fails meanwhile is taken back, once. */
export class Bakes {
  readonly #clock: Clock
  readonly #options: BakesOptions
  #tried: readonly string[]
  /** The incident that was no reason, and the time before which nothing is tried. */
  #spared: number | undefined
  #notBefore = Number.NEGATIVE_INFINITY

  /** Begins with the releases that an earlier watchdog has taken back. */
  constructor(clock: Clock, options: BakesOptions, tried: readonly string[] = []) {
    this.#clock = clock
    this.#options = options
    this.#tried = tried
  }

  /** The releases that were taken back, the last one last. */
  get tried(): readonly string[] {
    return this.#tried
  }

  /** Takes the active release back, where this incident is a reason and nobody has tried that before. */
  async takeBackIfDue(incident: Incident | undefined, signal: AbortSignal): Promise<void> {
    const { paths, log, supervisor, bakeHours, takeBack, save } = this.#options
    if (bakeHours === 0 || incident === undefined || incident.id === this.#spared) return
    if (this.#clock.monotonic() < this.#notBefore) return
    const failing = failingBy(incident, activeRelease(paths)?.name)
    if (failing === undefined || this.#tried.includes(failing.release)) return
    if (readDesiredStop(paths) !== undefined || (await isDeploying(paths))) return
    const taken = await takeBack(failing, supervisor, signal).catch((error): TakenBack => {
      log.error(`${failing.release} could not be taken back: ${messageOf(error)}`)
      return 'done'
    })
    if (taken === 'not due') this.#spared = incident.id
    if (taken === 'later') this.#notBefore = this.#clock.monotonic() + LATER_MS
    // one that was cut short by our own end is the next watchdog's
    if (taken !== 'done' || (signal.aborted && activeRelease(paths)?.name === failing.release)) return
    this.#tried = [...this.#tried, failing.release].slice(-REMEMBERED)
    save()
  }
}
