import { backoffMs } from '#core/platform/backoff.js'
import type { Outcome } from './channels/channel.js'

/** An alert whose newest text has not gone out. */
export interface Pending {
  readonly id: string
  /** The time at which the text was made, as wall time in ms since 1970. */
  readonly at: number
}

/** The failed tries of an alert that waits. */
export interface Failure {
  /** The wall time of the first failed try, in ms since 1970. */
  readonly since: number
  readonly tries: number
  readonly why: string
  /** True where it is reported: a rate limit that soon ends is not. */
  readonly isTold: boolean
}

/** The schedule of the next tries. Times are monotonic, in milliseconds. */
export interface Schedule {
  /** The time until which nothing is sent, because the destination has asked for it. */
  readonly pausedUntil: number
  /** The number of times in a row that it has asked for that. */
  readonly limits: number
  readonly failures: ReadonlyMap<string, Failure & { readonly dueAt: number }>
}

/** The fate of an alert after a try. */
export type Fate =
  | { readonly kind: 'delivered'; readonly failure: Failure | undefined }
  /** It waits for the next try. `isNews`: its failure is reported from now on. */
  | { readonly kind: 'waits'; readonly failure: Failure | undefined; readonly isNews: boolean }
  | { readonly kind: 'given up'; readonly failure: Failure }

const BACKOFF = { firstMs: 1000, mostMs: 5 * 60_000 }
/** The shortest rate limit that is reported. */
const LONG_LIMIT_MS = 60_000
export const GIVEN_UP_AFTER_MS = 24 * 60 * 60_000
/**
 * The tries before an alert is given up: a machine that was off for days, or whose clock has jumped, still tries its
 * alerts.
 */
const MINIMUM_TRIES = 5

/** Returns the schedule of a sender that begins: all is due at once. */
export function scheduleOf(failures: Readonly<Record<string, Failure>>, now: number): Schedule {
  const due = Object.entries(failures).map(([id, failure]) => [id, { ...failure, dueAt: now }] as const)
  return { pausedUntil: now, limits: 0, failures: new Map(due) }
}

/**
 * Returns the alert to send now, or after how long one is due. Those that have failed least go first: one that always
 * fails holds up no other. `waiting` is in the order in which they were made.
 */
export function nextDue<T extends Pending>(
  waiting: readonly T[],
  { pausedUntil, failures }: Schedule,
  now: number,
): { readonly send: T } | { readonly inMs: number } {
  if (now < pausedUntil) return { inMs: pausedUntil - now }
  const triesOf = ({ id }: T) => failures.get(id)?.tries ?? 0
  const dueAt = ({ id }: T) => failures.get(id)?.dueAt ?? now
  const [first] = waiting.filter((one) => dueAt(one) <= now).sort((a, b) => triesOf(a) - triesOf(b))
  return first === undefined ? { inMs: Math.min(...waiting.map(dueAt)) - now } : { send: first }
}

/** Returns the effect of a try on its alert and on the schedule of all others. `now` is monotonic, `wall` wall time. */
export function afterTry(
  schedule: Schedule,
  pending: Pending,
  outcome: Outcome,
  { now, wall }: { readonly now: number; readonly wall: number },
): { readonly schedule: Schedule; readonly fate: Fate } {
  const { id, at } = pending
  const before = schedule.failures.get(id)
  const without = new Map([...schedule.failures].filter(([other]) => other !== id))
  const failed = (why: string, isTold = true): Failure => ({
    since: before?.since ?? wall,
    tries: (before?.tries ?? 0) + 1,
    why,
    isTold: isTold || before?.isTold === true,
  })
  const free = { ...schedule, limits: 0, failures: without }
  const waitsFor = (failure: Failure, dueAt: number, rest: Schedule) => {
    if (wall - at >= GIVEN_UP_AFTER_MS && failure.tries >= MINIMUM_TRIES)
      return { schedule: { ...rest, failures: without }, fate: { kind: 'given up', failure } } as const
    const failures = new Map(without).set(id, { ...failure, dueAt })
    const isNews = failure.isTold && before?.isTold !== true
    return { schedule: { ...rest, failures }, fate: { kind: 'waits', failure, isNews } } as const
  }
  switch (outcome.kind) {
    case 'sent':
      return { schedule: free, fate: { kind: 'delivered', failure: before } }
    case 'gone':
      return { schedule, fate: { kind: 'waits', failure: before, isNews: false } } // it is made anew, at once
    case 'refused':
      return { schedule: free, fate: { kind: 'given up', failure: failed(outcome.why) } }
    case 'failed': {
      const failure = failed(outcome.why)
      return waitsFor(failure, now + backoffMs(failure.tries, BACKOFF), free)
    }
    case 'limited': {
      const limits = schedule.limits + 1
      const waitMs = Math.max(outcome.retryMs, backoffMs(limits, BACKOFF))
      const why = `too many messages, the next in ${Math.ceil(waitMs / 1000)} s`
      const pausedUntil = now + waitMs
      return waitsFor(failed(why, waitMs > LONG_LIMIT_MS), pausedUntil, { ...schedule, limits, pausedUntil })
    }
  }
}
