import { bestEffort } from '#core/platform/best-effort.js'
import { type Clock, every, repeat } from '#core/platform/clock.js'
import { readLearned, writeLearned } from './learned-file.js'
import { observeProgram } from './observe-program.js'
import { observe, type ProgramObservation, startWatch, type Watch } from './signs.js'

export interface WatchSignsOptions {
  readonly pid: number
  readonly release: string | null
  /** The file in which what was learned outlives the program. */
  readonly file: string
  readonly freezeThresholdMs: number
  /** The address of ours that it reports to: no connection to others. */
  readonly reportUrl?: string
  /** Returns whether a first proof is awaited: then it is observed sooner, within the time of the start. */
  readonly isAwaited?: () => boolean
  /** Called after each observation with all that is known by then. */
  readonly onObservation: (watch: Watch, now: number) => void
  /** Tests give their own observations. */
  readonly observeNow?: (pid: number) => Promise<ProgramObservation | undefined>
}

/** The longest interval between two observations. */
const INTERVAL_MS = 30_000
/** The interval while a first proof is awaited: after that long no connection is left of a login that was refused. */
const AWAITED_MS = 5000
const SAVE_MS = 10 * 60_000

/**
 * Watches a program from outside, each 30 s or each third of the freeze threshold, each 5 s while a first proof is
 * awaited, and learns its rhythm. The returned function stops it and saves what was learned.
 */
export function watchSigns(clock: Clock, options: WatchSignsOptions): () => void {
  const { pid, release, file, freezeThresholdMs, onObservation, observeNow = observeProgram } = options
  const { isAwaited = () => false } = options
  const intervalMs = Math.min(INTERVAL_MS, freezeThresholdMs / 3)
  const pauseMs = () => (isAwaited() ? Math.min(AWAITED_MS, intervalMs) : intervalMs)
  const own = options.reportUrl && new URL(options.reportUrl).host
  const limits = { freezeThresholdMs }
  let watch = startWatch(readLearned(file, release), clock.monotonic())
  const save = () => {
    // what can't be saved is learned anew
    bestEffort(
      () => writeLearned(file, release, watch.learned),
      () => {},
    )
  }
  const round = async () => {
    const observation = await observeNow(pid)
    if (observation === undefined) return
    const now = clock.monotonic()
    const connections = observation.connections?.filter(({ peer }) => peer !== own)
    watch = observe(watch, { ...observation, connections }, now, limits)
    onObservation(watch, now)
  }
  const watching = repeat(clock, pauseMs(), async () => {
    await round()
    return pauseMs()
  })
  const stops = [watching, every(clock, SAVE_MS, save)]
  return () => {
    for (const stop of stops) stop()
    save()
  }
}
