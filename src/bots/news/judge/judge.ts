import { createHash } from 'node:crypto'
import type { Entry } from '#bots/news/feed/entry.js'
import { type Alert, toAlert } from '#bots/news/post/alert.js'
import { scoreEntry } from './score.js'

export interface Criteria {
  /** The feed's host. */
  readonly source: string
  /** Milliseconds since 1970. */
  readonly now: number
  readonly maxAgeMs: number
  readonly minScore: number
}

export interface Judgment {
  /** Oldest first. */
  readonly alerts: readonly Alert[]
  /** Keys of entries that were too old or scored too little. */
  readonly dismissed: readonly string[]
}

/** Decides about entries that were not seen before. */
export function judge(entries: Iterable<readonly [key: string, entry: Entry]>, criteria: Criteria): Judgment {
  const alerts: Alert[] = []
  const dismissed: string[] = []
  for (const [key, entry] of entries) {
    const score = scoreEntry(entry, criteria.source)
    if (isTooOld(entry.published, criteria) || score.score < criteria.minScore) dismissed.push(key)
    else alerts.push(toAlert(key, entry, score, criteria.source, criteria.now))
  }
  return { alerts: alerts.sort((a, b) => a.time - b.time), dismissed }
}

/** Returns whether an entry is too old. One without a date, or dated in the future, counts as new. */
export function isTooOld(time: number | undefined, { now, maxAgeMs }: Pick<Criteria, 'now' | 'maxAgeMs'>): boolean {
  return time !== undefined && now - time > maxAgeMs
}

/**
 * Returns the key of an entry in the seen list. An id that is an address or a URN is unique in the world; any other
 * (`17`) only in its feed, so the host goes with it.
 */
export function seenKey(source: string, id: string): string {
  const key = /^(?:https?:\/\/|urn:|tag:)/i.test(id) ? id : `${source} ${id}`
  return key.length <= 200 ? key : `sha256:${createHash('sha256').update(key).digest('hex')}`
}
