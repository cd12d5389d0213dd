import type { Health } from '#core/health/client.js'
import { type Announced, announcedIn } from './announced.js'

/** The answer of a running bot about its work. `silent`: it gives none. */
export type Business = { readonly busy: Announced } | 'idle' | 'silent'

/** The time without an answer after which a bot that was busy counts as frozen: a restart is what helps it. */
const FROZEN_MS = 15_000

/** A wait for a bot that is busy. Times are monotonic, in milliseconds. */
export interface Wait {
  readonly since: number
  /** The last answer. */
  readonly busy: Announced
  /** The time since which it gives no answer; undefined while it does. */
  readonly silentSince: number | undefined
}

/**
 * Decides whether a planned restart waits, from one more answer of the bot. Returns the wait; undefined where the
 * restart goes on: the bot is not busy, it is frozen, or it has been waited for as long as is allowed.
 */
export function waitStep(before: Wait | undefined, business: Business, now: number, maxMs: number): Wait | undefined {
  if (business === 'idle' || now - (before?.since ?? now) >= maxMs) return undefined
  if (business !== 'silent') return { since: before?.since ?? now, busy: business.busy, silentSince: undefined }
  if (before === undefined) return undefined
  const silentSince = before.silentSince ?? now
  return now - silentSince >= FROZEN_MS ? undefined : { ...before, silentSince }
}

/** Returns what a bot's health says of its work. One that is unhealthy is not waited for. */
export function businessOf({ status, report }: Health): Business {
  if (status === 'unreachable') return 'silent'
  const busy = announcedIn(report?.busy)
  return busy === undefined || status === 'unhealthy' || status === 'stopping' ? 'idle' : { busy }
}
