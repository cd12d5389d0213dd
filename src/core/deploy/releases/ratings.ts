/** The rating of a commit, from having run it. */
export type Rating = 'good' | 'bad' | 'unverified'

/** The reason for which a version was left for another one: it had failed, or a person rolled back. */
export type WhyLeft = 'failed' | 'rolled_back'

/** A commit with its rating. Times are ISO 8601. */
export interface RatedCommit {
  readonly commit: string
  /** The release it ran as, and the tag that was asked for. */
  readonly release: string
  readonly tag: string | null
  readonly rating: Rating
  readonly reason: string
  readonly rated_at: string
  /** The time at which it last passed the gate. */
  readonly proved_at: string | null
  /** The time and the reason for which it was left, unless it has proven itself anew since. */
  readonly left: { readonly at: string; readonly why: WhyLeft } | null
  /** The backup of the settings with which it last proved itself. */
  readonly backup: string | null
  /** The signals by which it last passed the gate, where it told. */
  readonly proof?: string | undefined
}

/**
 * The ratings of a home's commits. Those that have proven themselves are in the order in which they were deployed, the
 * oldest first: a version keeps its place when a rollback brings it back, or a repair builds it anew.
 */
export type Ratings = readonly RatedCommit[]

type Subject = Pick<RatedCommit, 'commit' | 'release' | 'tag'> & { readonly at: string }

/** A change of a commit's rating. */
export type RatingChange =
  /** It has passed the gate. */
  | (Subject & {
      readonly change: 'proved'
      readonly by: 'deployment' | 'rollback' | 'repair'
      readonly reason: string
      readonly backup: string | null
      readonly proof?: string | undefined
    })
  /** It has not passed the gate, and has this rating since. */
  | (Subject & { readonly change: 'failed'; readonly rating: Rating; readonly reason: string })
  /** `keepsRating`: what failed is the runtime under it, not the version. */
  | (Subject & { readonly change: 'left'; readonly why: WhyLeft; readonly keepsRating?: boolean })

/** The maximum number of ratings: far more than a home ever has on disk. */
const LIMIT = 500

/** Returns the ratings after this change. */
export function rate(ratings: Ratings, change: RatingChange): Ratings {
  const known = ratings.find(({ commit }) => commit === change.commit)
  const rated = withChange(known, change)
  const isNewest = change.change === 'proved' && (change.by === 'deployment' || !known?.proved_at)
  if (known !== undefined && !isNewest) return ratings.map((one) => (one === known ? rated : one))
  return bounded([...ratings.filter((one) => one !== known), rated])
}

function withChange(known: RatedCommit | undefined, change: RatingChange): RatedCommit {
  const { commit, release, tag, at } = change
  const before = known ?? { ...UNKNOWN, rated_at: at }
  const subject = { commit, release, tag: tag ?? known?.tag ?? null }
  switch (change.change) {
    case 'proved': {
      const { reason, backup, proof } = change
      const proved = { rating: 'good', reason, rated_at: at, proved_at: at, left: null, backup } as const
      return { ...subject, ...proved, ...(proof !== undefined && { proof }) }
    }
    case 'failed':
      return { ...before, ...subject, rating: change.rating, reason: change.reason, rated_at: at }
    case 'left': {
      const left = { ...before, ...subject, left: { at, why: change.why } }
      if (change.why !== 'failed' || change.keepsRating || before.rating !== 'good') return left
      return { ...left, rating: 'unverified', reason: 'it was left since it had failed', rated_at: at }
    }
  }
}

const UNKNOWN = { rating: 'unverified', reason: '', proved_at: null, left: null, backup: null } as const

/** Drops the oldest beyond the limit; good ones last of all. */
function bounded(ratings: Ratings): Ratings {
  if (ratings.length <= LIMIT) return ratings
  const dropped = ratings.find(({ rating }) => rating !== 'good') ?? ratings[0]
  return ratings.filter((one) => one !== dropped)
}

/** Returns the rating of this commit with all that belongs to it. */
export function ratingOf(ratings: Ratings, commit: string | undefined): RatedCommit | undefined {
  return ratings.find((one) => one.commit === commit)
}

/** Returns the rating of a version; `unverified` where nothing is known of it. */
export function ratedAs(known: Pick<RatedCommit, 'rating'> | undefined): Rating {
  return known?.rating ?? 'unverified'
}

/** Returns the versions that are good and were not left, the one that was deployed last first. */
export function goodOnes(ratings: Ratings): RatedCommit[] {
  return ratings.filter(({ rating, left }) => rating === 'good' && left === null).reverse()
}

/**
 * Returns the version that a rollback leads to: the newest good one that was deployed before the active one, and never
 * one that was left. One that is on disk comes before any other, since it needs neither network nor installation.
 * `from` is the active commit; without one, or with one that has never proven itself, every good version is older.
 */
export function lastGoodOf(
  ratings: Ratings,
  from: string | undefined,
  onDisk: readonly { readonly commit: string }[],
  except?: string,
): RatedCommit | undefined {
  const place = placeOf(ratings, from)
  const older = place < 0 ? ratings : ratings.slice(0, place)
  const good = goodOnes(older).filter(({ commit }) => commit !== from && commit !== except)
  return good.find(({ commit }) => onDisk.some((release) => release.commit === commit)) ?? good[0]
}

/** Returns a commit's place in the order of the deployments; -1 where it has never proven itself. */
function placeOf(ratings: Ratings, commit: string | undefined): number {
  return ratings.findIndex((one) => one.commit === commit && one.proved_at !== null)
}

/** Returns whether a rollback from one commit to another one leads to a version that was deployed later. */
export function leadsForward(ratings: Ratings, from: string, to: string): boolean {
  const place = placeOf(ratings, from)
  return place >= 0 && placeOf(ratings, to) > place
}

/** The number of exits by itself within {@link EXITS_WINDOW_MS} from which on a version has failed. */
const FAILED_EXITS = 3
/** The time before a deployment in which exits count against the version before. */
export const EXITS_WINDOW_MS = 60 * 60_000

/**
 * Returns why a version is left, if no rollback should lead to it by itself any more. Returns undefined where a newer
 * one just follows it, also by a rollback that undoes another one.
 */
export function whyLeft(facts: {
  readonly what: 'deployment' | 'rollback' | 'repair'
  readonly leadsForward: boolean
  readonly exitsByItself: number
}): WhyLeft | undefined {
  if (facts.what === 'rollback' && !facts.leadsForward) return 'rolled_back'
  return facts.exitsByItself >= FAILED_EXITS ? 'failed' : undefined
}

/** Returns why a version was left, as the end of a sentence. */
export function leftText(why: WhyLeft): string {
  return why === 'failed' ? 'since it had failed' : 'by a rollback'
}

/**
 * Returns the rating of a version that has not passed the gate. Where no other version came up afterwards either, the
 * cause may lie outside. A good one also stays good where it did not fail by itself, as when it was killed. One that only
 * proved less than the version before may work, so it is not bad.
 */
export function ratingAfterFailure(facts: {
  readonly before: Rating | undefined
  readonly byItself: boolean
  readonly isUnproven?: boolean
  /** True if another version came up afterwards. */
  readonly othersWork: boolean
}): Rating {
  const { before, byItself, isUnproven = false, othersWork } = facts
  if (isUnproven) return before ?? 'unverified'
  if (before === 'good' && !(byItself && othersWork)) return 'good'
  return othersWork ? 'bad' : 'unverified'
}
