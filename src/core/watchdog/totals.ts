import { WHYS } from '#core/incidents/incident.js'
import { isObject } from '#core/json.js'
import type { State, Step } from './policy/state.js'

/** The counts of a home's watchdogs since the first one, by the cause. They only grow. */
export interface Totals {
  readonly restarts: Counts
  readonly incidents: Counts
}

type Counts = Readonly<Record<string, number>>

export const NO_TOTALS: Totals = { restarts: {}, incidents: {} }

/** Returns the counts after a step of the policy: of the restarts that it begins, and the incident that it opens. */
export function withStep(totals: Totals, before: Pick<State, 'incident'>, { state, effects }: Step): Totals {
  const begun = effects.flatMap((effect) => (effect.do === 'restart' ? [effect.incident.why] : []))
  const { incident } = state
  const opened = incident !== undefined && incident.id !== before.incident?.id ? [incident.opened] : []
  if (begun.length === 0 && opened.length === 0) return totals
  return { restarts: begun.reduce(plusOne, totals.restarts), incidents: opened.reduce(plusOne, totals.incidents) }
}

function plusOne(counts: Counts, why: string): Counts {
  return { ...counts, [why]: (counts[why] ?? 0) + 1 }
}

/** Returns whether a value from a file can be such counts. */
export function areTotals(value: unknown): value is Totals {
  if (!isObject(value)) return false
  return [value.restarts, value.incidents].every(
    (counts) =>
      isObject(counts) &&
      Object.entries(counts).every(([why, count]) => isKnown(why) && Number.isSafeInteger(count) && Number(count) >= 0),
  )
}

function isKnown(why: string): boolean {
  return WHYS.some((one) => one === why)
}
