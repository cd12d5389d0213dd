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
  /** The wall time at which something outside was last found down since it began to fail, in ms; undefined: it was not. */
  readonly outsideDownAt?: number | undefined
}

/**
 * What became of taking a release back. `done`: it was tried, or a person was told that there is nothing to go back to.
 * `outside down`, `later`: that may be the cause, or was, or somebody deploys. `not due`: the release has baked, or was not
 * to blame.
 */
export type TakenBack = 'done' | 'outside down' | 'later' | 'not due'

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

/** The release that bakes: if it fails meanwhile, it is taken back, once each time that it was deployed. */
export class Bakes {
  readonly #clock: Clock
  readonly #options: BakesOptions
  #tried: readonly string[]
  /** The incident that was no reason, with its exits until then, and the time before which nothing is tried. */
  #spared: Pick<Incident, 'id' | 'ends'> | undefined
  /** The incident in which something outside was down, and when that was last so. */
  #outside: { readonly incident: number; readonly downAt: number } | undefined
  #notBefore = Number.NEGATIVE_INFINITY

  /** Begins with the releases that an earlier watchdog has taken back. */
  constructor(clock: Clock, options: BakesOptions, tried: readonly string[] = []) {
    this.#clock = clock
    this.#options = options
    this.#tried = tried
  }

  /** The release for which it was tried, while that is active. */
  get tried(): readonly string[] {
    return this.#tried
  }

  /** Takes the active release back, where this incident is a reason and nobody has tried that before. */
  async takeBackIfDue(incident: Incident | undefined, signal: AbortSignal): Promise<void> {
    const { paths, log, supervisor, bakeHours, takeBack, save } = this.#options
    await this.#forgetOthers()
    if (bakeHours === 0 || incident === undefined || this.#isSpared(incident)) return
    if (this.#clock.monotonic() < this.#notBefore) return
    const failing = failingBy(incident, activeRelease(paths)?.name)
    if (failing === undefined || this.#tried.includes(failing.release)) return
    if (readDesiredStop(paths) !== undefined || (await isDeploying(paths))) return
    const outsideDownAt = this.#outside?.incident === incident.id ? this.#outside.downAt : undefined
    const taken = await takeBack({ ...failing, outsideDownAt }, supervisor, signal).catch((error): TakenBack => {
      log.error(`${failing.release} could not be taken back: ${messageOf(error)}`)
      return 'done'
    })
    if (taken === 'not due') this.#spared = { id: incident.id, ends: incident.ends }
    if (taken === 'outside down') this.#outside = { incident: incident.id, downAt: this.#clock.now() }
    if (taken === 'outside down' || taken === 'later') this.#notBefore = this.#clock.monotonic() + LATER_MS
    // one that was cut short by our own end is the next watchdog's
    if (taken !== 'done' || (signal.aborted && activeRelease(paths)?.name === failing.release)) return
    this.#tried = [failing.release]
    save()
  }

  /** Returns whether an incident is the one that was no reason, with no exit since. */
  #isSpared({ id, ends }: Incident): boolean {
    return this.#spared?.id === id && this.#spared.ends === ends
  }

  /** Forgets a release once another one is active: whoever deploys it again has it watched again. */
  async #forgetOthers(): Promise<void> {
    const { paths, save } = this.#options
    if (this.#tried.length === 0 || (await isDeploying(paths))) return
    const active = activeRelease(paths)?.name
    if (this.#tried.every((one) => one === active)) return
    this.#tried = this.#tried.filter((one) => one === active)
    save()
  }
}
