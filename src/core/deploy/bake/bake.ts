import type { RatedCommit } from '#core/deploy/releases/ratings.js'

const HOUR_MS = 60 * 60_000
/** The number of exits that have to be a version's own fault. */
const OWN_EXITS = 3

/** Returns until when a version bakes, as a wall time in ms; undefined where it doesn't, or has baked. */
export function bakesUntil(
  rated: Pick<RatedCommit, 'rating' | 'proved_at'> | undefined,
  hours: number,
  now: number,
): number | undefined {
  const proved = Date.parse(rated?.proved_at ?? '')
  if (rated?.rating !== 'good' || Number.isNaN(proved)) return undefined
  const until = proved + hours * HOUR_MS
  return now < until ? until : undefined
}

/** The facts that decide whether a version that fails is taken back. */
export interface BakeFacts {
  /** True while it bakes. */
  readonly bakes: boolean
  /** Its exits by itself since it was deployed, and since all outside was up; undefined where exits are not the reason. */
  readonly ownExits: number | undefined
  /** True if the network, and each dependency of the bot, can be reached. */
  readonly isOutsideUp: boolean
  /** True if one of them could not be reached since it began to fail. */
  readonly wasOutsideDown: boolean
  readonly hasEarlier: boolean
}

/**
 * Returns what is done with a version that fails. `tell`: there is no earlier good version to go back to. `outside down`: that
 * may be the cause. `later`: that was down, and it has not failed often enough since.
 */
export function bakeDecision({
  bakes,
  ownExits,
  isOutsideUp,
  wasOutsideDown,
  hasEarlier,
}: BakeFacts): 'take back' | 'tell' | 'outside down' | 'later' | 'not due' {
  const isByOthers = ownExits !== undefined && ownExits < OWN_EXITS
  if (!bakes || (isByOthers && !wasOutsideDown)) return 'not due'
  if (!isOutsideUp) return 'outside down'
  if (isByOthers) return 'later'
  if (ownExits === undefined && wasOutsideDown) return 'not due' // its restarts were used up by what was down
  return hasEarlier ? 'take back' : 'tell'
}
