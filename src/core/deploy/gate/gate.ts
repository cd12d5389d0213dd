import type { Health } from '#core/health/client.js'
import { CLOCK_FAULT } from '#core/health/gauges/clock-check.js'
import { PROCESS_ONLY } from '#core/health/status.js'
import { inSeconds } from '#core/text.js'
import { provesNothing } from './proof-before.js'

/** The rules by which a release is good. Times are in milliseconds. */
export interface GateRules {
  /** The release that must answer; null: the working tree. */
  readonly release: string | null
  readonly startTimeoutMs: number
  readonly settleMs: number
  /** Reasons for `degraded` that the release before had, too. */
  readonly tolerated: readonly string[]
  /** The proof of the release before, where this one has to prove more than that its process lives. */
  readonly proofBefore: string | null
}

/** A failure of the bot while it is to prove itself: it exited, or it can't come up. */
export interface BotFailure {
  readonly words: string
  /** True if the version was to blame: not for a kill from outside, nor for a fault of the supervisor. */
  readonly byItself: boolean
}

/** The bot as it is observed at one moment. */
export interface GateObservation {
  /** Its exit since the restart, or why it can't come up. */
  readonly failure: BotFailure | undefined
  /** True while the previous bot still runs. */
  readonly isOld: boolean
  /** True if its process is gone, and it had no time to say why. */
  readonly isGone: boolean
  /** The release that it runs as. */
  readonly release: string | null
  readonly status: Health['status']
  /** True where the bot itself has said that its start takes longer. */
  readonly isStartExtended?: boolean
  readonly reasons: readonly string[]
  /** The signals by which it proves itself; undefined where it does not tell. */
  readonly proof: string | undefined
}

/** The progress of a release at the gate, in monotonic times. */
export interface GateState {
  readonly began: number
  /** The time since which the new bot has run and answered; undefined: not yet. */
  readonly upAt: number | undefined
  /** The time since which it has been good; undefined: not yet. */
  readonly goodAt: number | undefined
}

/** The times at which a bot was back, on the monotonic clock. A slow first proof is no downtime. */
export interface Proof {
  /** The time since which it has run and answered. */
  readonly upAt: number
  /** The time since which it has been good. */
  readonly goodAt: number
  /** The signals by which it has proven itself; undefined where it does not tell. */
  readonly by: string | undefined
}

/** The decision after one more observation. */
export type GateStep =
  | { readonly outcome: 'waiting'; readonly state: GateState }
  | { readonly outcome: 'passed'; readonly proof: Proof }
  | ({ readonly outcome: 'failed' } & Failure)

interface Failure {
  readonly reason: string
  readonly byItself: boolean
  /** True if nothing speaks against it but that it proves less than the release before. */
  readonly isUnproven?: boolean
}

/** The error of a release that did not prove itself. */
export class GateFailed extends Error {
  override readonly name = 'GateFailed'
  readonly byItself: boolean
  readonly isUnproven: boolean
  /** The bot's own error output, in lines. */
  readonly said: readonly string[]

  constructor(why: Failure & { readonly said?: readonly string[] }) {
    super(why.reason)
    this.byItself = why.byItself
    this.isUnproven = why.isUnproven ?? false
    this.said = why.said ?? []
  }
}

/**
 * Decides from one more observation whether a release is good: healthy as that release within its start timeout, and
 * still healthy when it has settled. One that exits or becomes unhealthy meanwhile fails at once. `now` is monotonic.
 */
export function gateStep(before: GateState, observation: GateObservation, now: number, rules: GateRules): GateStep {
  const { failure } = observation
  if (failure !== undefined) return { outcome: 'failed', reason: failure.words, byItself: failure.byItself }
  const state = isUp(observation, rules) ? { ...before, upAt: before.upAt ?? now } : before
  const fault = faultOf(observation, rules)
  // a bot that was killed tells nothing of the version, nor does another bot than the one that was to come up
  const byItself = !observation.isGone && !observation.isOld && observation.release === rules.release
  const { goodAt } = state
  if (goodAt === undefined) {
    if (fault === undefined) return settled({ ...state, goodAt: now }, observation, now, rules)
    if (now - state.began >= rules.startTimeoutMs && !observation.isStartExtended) {
      const isUnproven = unproven(observation, rules) === fault
      return { outcome: 'failed', reason: `after ${seconds(rules.startTimeoutMs)} ${fault}`, byItself, isUnproven }
    }
    return { outcome: 'waiting', state }
  }
  if (fault === undefined) return settled(state, observation, now, rules)
  // a single probe without an answer does not make it unhealthy yet
  if (observation.status === 'unreachable' && now - goodAt < rules.settleMs + ONE_MISS_MS)
    return { outcome: 'waiting', state }
  return { outcome: 'failed', reason: `it was healthy for ${seconds(now - goodAt)}, then ${fault}`, byItself }
}

/** The time that one probe without an answer costs, at the very end. */
const ONE_MISS_MS = 1500

function settled(state: GateState, { proof: by }: GateObservation, now: number, { settleMs }: GateRules): GateStep {
  const { goodAt = now, upAt = goodAt } = state
  return now - goodAt >= settleMs ? { outcome: 'passed', proof: { upAt, goodAt, by } } : { outcome: 'waiting', state }
}

function isUp({ isOld, isGone, release, status }: GateObservation, rules: GateRules): boolean {
  return !isOld && !isGone && release === rules.release && status !== 'unreachable'
}

function faultOf(observation: GateObservation, rules: GateRules): string | undefined {
  const { isOld, release, status, reasons } = observation
  if (status === 'unreachable') return `it did not answer (${reasons.join('; ')})`
  if (isOld) return 'the previous bot still ran'
  if (release !== rules.release)
    return `the bot ran as ${release ?? 'the working tree'}, not as ${rules.release ?? 'the working tree'}`
  const isTolerated = status === 'degraded' && faultsOfVersion(reasons, rules).length === 0
  if (status === 'healthy' || isTolerated) return unproven(observation, rules)
  return `it was ${[status, ...reasons].join(': ')}`
}

/** Returns the reasons for `degraded` for which the version may be to blame. No version sets the machine's clock. */
function faultsOfVersion(reasons: readonly string[], { tolerated }: GateRules): string[] {
  return newReasons(reasons, [...tolerated, PROCESS_ONLY]).filter((reason) => !reason.startsWith(CLOCK_FAULT))
}

/** Returns how a bot that is well proves less than the release before did; undefined where it doesn't. */
function unproven({ proof }: GateObservation, { proofBefore }: GateRules): string | undefined {
  if (proofBefore === null || !provesNothing(proof)) return undefined
  return `it had proven only that its process lives, and the version before proved that it works (${proofBefore})`
}

/** Returns the reasons that were not there before. Their figures change all the time, so they are not compared. */
export function newReasons(reasons: readonly string[], before: readonly string[]): string[] {
  const plain = (reason: string) => reason.replace(/\d+([.,]\d+)?/g, 'N')
  const known = before.map(plain)
  return reasons.filter((reason) => !known.includes(plain(reason)))
}

function seconds(ms: number): string {
  return `${inSeconds(ms)} s`
}
