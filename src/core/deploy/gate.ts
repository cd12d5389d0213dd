import type { Health } from '#core/health/client.js'

/** What a release must do to be good. Times are in milliseconds. */
export interface GateRules {
  /** The release that must answer; null: the home itself. */
  readonly release: string | null
  readonly startTimeoutMs: number
  readonly settleMs: number
  /** Reasons for `degraded` that the release before had, too. */
  readonly tolerated: readonly string[]
}

/** What is seen of the bot at one moment. */
export interface Sighting {
  /** It has ended since the restart, or can't come up: in words. */
  readonly ended: string | undefined
  /** Whether the bot that runs is still the one of before. */
  readonly isOld: boolean
  /** The release that it runs as. */
  readonly release: string | null
  readonly status: Health['status']
  readonly reasons: readonly string[]
}

export interface GateState {
  readonly began: number
  /** Since when it has been good; undefined: not yet. */
  readonly goodAt: number | undefined
}

export type GateStep =
  | { readonly outcome: 'waiting'; readonly state: GateState }
  | { readonly outcome: 'passed' }
  | { readonly outcome: 'failed'; readonly reason: string }

/** A release that did not prove itself. */
export class GateFailed extends Error {
  override readonly name = 'GateFailed'
}

/**
 * The rule by which a release is good: healthy as that release within its time to start, and still when it has settled.
 * One that ends, or falls ill meanwhile, has failed at once. `now` is monotonic.
 */
export function gateStep(state: GateState, sighting: Sighting, now: number, rules: GateRules): GateStep {
  if (sighting.ended !== undefined) return { outcome: 'failed', reason: sighting.ended }
  const trouble = troubleOf(sighting, rules)
  const { goodAt } = state
  if (goodAt === undefined) {
    if (trouble === undefined) return settled({ ...state, goodAt: now }, now, rules)
    if (now - state.began >= rules.startTimeoutMs)
      return { outcome: 'failed', reason: `after ${seconds(rules.startTimeoutMs)} ${trouble}` }
    return { outcome: 'waiting', state }
  }
  if (trouble === undefined) return settled(state, now, rules)
  // a single question without an answer is no illness yet
  if (sighting.status === 'unreachable' && now - goodAt < rules.settleMs + ONE_MISS_MS)
    return { outcome: 'waiting', state }
  return { outcome: 'failed', reason: `it was well for ${seconds(now - goodAt)}, then ${trouble}` }
}

/** The time that one question without an answer costs, at the very end. */
const ONE_MISS_MS = 1500

function settled(state: GateState, now: number, { settleMs }: GateRules): GateStep {
  return now - (state.goodAt ?? now) >= settleMs ? { outcome: 'passed' } : { outcome: 'waiting', state }
}

function troubleOf({ isOld, release, status, reasons }: Sighting, rules: GateRules): string | undefined {
  if (status === 'unreachable') return `it did not answer (${reasons.join('; ')})`
  if (isOld) return 'the bot of before still ran'
  if (release !== rules.release)
    return `the bot ran as ${release ?? 'the home itself'}, not as ${rules.release ?? 'the home itself'}`
  if (status === 'healthy') return undefined
  if (status === 'degraded' && newReasons(reasons, rules.tolerated).length === 0) return undefined
  return `it was ${[status, ...reasons].join(': ')}`
}

/** Reasons that were not there before. Their figures change all the time, so these don't count. */
export function newReasons(reasons: readonly string[], before: readonly string[]): string[] {
  const plain = (reason: string) => reason.replace(/\d+([.,]\d+)?/g, 'N')
  const known = before.map(plain)
  return reasons.filter((reason) => !known.includes(plain(reason)))
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}
