import type { Home } from '#core/home/home.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { type RatedCommit, type Rating, type RatingChange, type Ratings, rate } from './ratings.js'

/**
 * Returns the ratings of a home's commits from `.catalyst/state/ratings.json`. Where that is missing, as in an older
 * home, or damaged, they are taken from the journal's newest entries.
 */
export function readRatings(home: Home): Ratings {
  const isWhole = ({ commits }: Record<string, unknown>) => Array.isArray(commits) && commits.every(isRated)
  const file = home.asOwner(() => readJson<{ readonly commits: Ratings }>(home.paths.ratings, isWhole))
  return file?.commits ?? ratingsFrom(home.recentEntries())
}

/** Writes a change of a commit's rating into the file and the journal. */
export function noteRating(home: Home, change: RatingChange): void {
  const ratings = rate(readRatings(home), change)
  home.asOwner(() => writeJson(home.paths.ratings, { commits: ratings }))
  const { kind, details } = entryOf(change)
  home.journal.append(kind, details)
}

/** Returns the ratings that follow from these entries. */
export function ratingsFrom(entries: readonly JournalEntry[]): Ratings {
  return entries.flatMap((entry) => changeOf(entry) ?? []).reduce(rate, [] as Ratings)
}

const LEFT = 'deploy.left'

function entryOf(change: RatingChange): { kind: string; details: Record<string, unknown> } {
  const { commit, release, tag } = change
  const subject = { commit, release, tag }
  switch (change.change) {
    case 'proved': {
      const { reason, by: what, backup, proof } = change
      const details = { ...subject, rating: 'good', reason, what, backup, ...(proof !== undefined && { proof }) }
      return { kind: 'rating', details }
    }
    case 'failed': {
      const { reason } = change
      return { kind: 'rating', details: { ...subject, rating: change.rating, reason, failed: true } }
    }
    case 'left':
      return { kind: LEFT, details: { ...subject, why: change.why, ...(change.keepsRating && { keeps_rating: true }) } }
  }
}

function changeOf(entry: JournalEntry): RatingChange | undefined {
  const { kind, time: at, commit, release, tag, reason, what, backup, proof, failed, verdict, why } = entry
  if (typeof commit !== 'string') return undefined
  const subject = { commit, release: textOr(release, commit), tag: textOr(tag, null), at }
  if (kind === LEFT)
    return isWhyLeft(why)
      ? { ...subject, change: 'left', why, ...(entry.keeps_rating === true && { keepsRating: true }) }
      : undefined
  const rating = kind === 'verdict' ? (verdict === 'unknown' ? 'unverified' : verdict) : entry.rating // before 0.2
  if ((kind !== 'rating' && kind !== 'verdict') || !isRating(rating)) return undefined
  const known = { ...subject, reason: textOr(reason, '') }
  return rating === 'good' && failed !== true
    ? {
        ...known,
        change: 'proved',
        by: what === 'rollback' || what === 'repair' ? what : 'deployment',
        backup: textOr(backup, null),
        proof: textOr(proof, undefined),
      }
    : { ...known, change: 'failed', rating }
}

function isRated(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { commit, release, tag, rating, reason, rated_at, proved_at, left, backup, proof } = value as Record<
    string,
    unknown
  >
  return (
    [commit, release, reason, rated_at].every((text) => typeof text === 'string') &&
    [tag, proved_at, backup].every((text) => text === null || typeof text === 'string') &&
    (proof === undefined || typeof proof === 'string') &&
    isRating(rating) &&
    (left === null || isLeft(left))
  )
}

function isLeft(value: unknown): boolean {
  const { at, why } = (value ?? {}) as Record<string, unknown>
  return typeof at === 'string' && isWhyLeft(why)
}

function isRating(value: unknown): value is Rating {
  return value === 'good' || value === 'bad' || value === 'unverified'
}

function isWhyLeft(value: unknown): value is NonNullable<RatedCommit['left']>['why'] {
  return value === 'failed' || value === 'rolled_back'
}

function textOr<T>(value: unknown, other: T): string | T {
  return typeof value === 'string' ? value : other
}
