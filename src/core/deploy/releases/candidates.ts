import { listTags, type Tag, type Version } from '#core/deploy/git/refs.js'
import { openRepository } from '#core/deploy/git/repository.js'
import type { Home } from '#core/home/home.js'
import { lastGoodOf, type RatedCommit, type Rating, type Ratings, ratedAs, ratingOf } from './ratings.js'
import { readRatings } from './ratings-file.js'
import { type Release, Releases } from './releases.js'
import { type Runs, runsOfReleases } from './runs.js'

/** A version that the home could be rolled back to. */
export interface Candidate extends Version {
  /** The time at which it was tagged or made ready; ms since 1970. */
  readonly at: number
  readonly subject: string
  readonly rating: Rating
  /** The reason of its rating, if it is bad. */
  readonly reason: string
  /** Its runs; null: it never ran. */
  readonly runs: Runs | null
  readonly left: RatedCommit['left']
  readonly isOnDisk: boolean
  readonly isLastGood: boolean
}

const NEWEST_TAGS = 200

/** Returns all versions but the active one, newest first: the newest tags, and releases on disk that have none. */
export async function rollbackCandidates(home: Home): Promise<Candidate[]> {
  const repository = await openRepository(home).catch(() => undefined)
  const tags = repository ? await listTags(repository.git, NEWEST_TAGS) : []
  return candidatesOf(tags, {
    releases: new Releases(home).list(),
    active: home.activePointer()?.commit,
    ratings: readRatings(home),
    runs: runsOfReleases(home.newestEntries()),
  })
}

interface CandidateFacts {
  readonly releases: readonly Release[]
  readonly active: string | undefined
  readonly ratings: Ratings
  readonly runs: ReadonlyMap<string, Runs>
}

/**
 * Returns the candidate that a person most likely means: the last good one, else the newest of which nothing bad is
 * known.
 */
export function firstChoice(candidates: readonly Candidate[]): Candidate | undefined {
  return (
    candidates.find((one) => one.isLastGood) ??
    candidates.find((one) => one.rating !== 'bad' && one.left === null) ??
    candidates[0]
  )
}

/** Returns the candidates from these facts. A commit of several tags is one version, named as its release is. */
export function candidatesOf(tags: readonly Tag[], facts: CandidateFacts): Candidate[] {
  const { releases, active, ratings, runs } = facts
  const lastGood = lastGoodOf(ratings, active, releases)
  const byCommit = new Map<string, Candidate>()
  const add = (version: Version, at: number, subject: string) => {
    const { commit } = version
    if (commit === active || byCommit.has(commit)) return
    const release = releases.find((one) => one.commit === commit)
    const known = ratingOf(ratings, commit)
    byCommit.set(commit, {
      ...version,
      at,
      subject,
      rating: ratedAs(known),
      reason: known?.reason ?? '',
      left: known?.left ?? null,
      runs: (release && runs.get(release.name)) ?? null,
      isOnDisk: release !== undefined,
      isLastGood: commit === lastGood?.commit,
    })
  }
  const names = new Set(releases.map(({ tag, commit }) => `${tag} ${commit}`))
  const shippedBy = tags.filter(({ name, commit }) => names.has(`${name} ${commit}`))
  for (const { name, commit, at, subject } of [...shippedBy, ...tags]) add({ tag: name, commit }, at, subject)
  for (const { tag, commit, made_at } of releases) add({ tag, commit }, made_at, '')
  if (lastGood) add({ tag: lastGood.tag, commit: lastGood.commit }, Date.parse(lastGood.rated_at), '') // neither tagged nor on disk any more
  return [...byCommit.values()].sort((one, other) => other.at - one.at)
}
