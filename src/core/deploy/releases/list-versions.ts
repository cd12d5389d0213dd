import { bakesUntil } from '#core/deploy/bake/bake.js'
import type { Git } from '#core/deploy/git/git.js'
import { listTags, type Tag } from '#core/deploy/git/refs.js'
import type { Home } from '#core/home/home.js'
import { isoOf } from '#core/text.js'
import { type RatedCommit, type Rating, ratedAs, ratingOf } from './ratings.js'
import { readRatings } from './ratings-file.js'
import { Releases } from './releases.js'
import { runsOfReleases } from './runs.js'

/** A tag with what is known of its commit. */
export interface TaggedVersion extends Tag {
  readonly rating: Rating
  /** The number of exits that nobody had asked for. */
  readonly unexpected_ends: number
  /** The time and the reason for which it was left for another version, unless it has proven itself anew since. */
  readonly left: RatedCommit['left']
  readonly on_disk: boolean
  readonly active: boolean
  /** Until when a failure of it takes it back, where it is active and bakes. */
  readonly bakes_until: string | null
}

/** Returns the newest tags with what is known of them, newest first. */
export async function listVersions(git: Git, home: Home, limit: number): Promise<TaggedVersion[]> {
  const tags = await listTags(git, limit)
  const ratings = readRatings(home)
  const runs = runsOfReleases(home.newestEntries())
  const onDisk = new Set(new Releases(home).list().map(({ commit }) => commit))
  const active = home.activePointer()?.commit
  const baking = bakesUntil(ratingOf(ratings, active), home.settings.DEPLOY_BAKE_HOURS, home.clock.now())
  return tags.map((tag) => {
    const known = ratingOf(ratings, tag.commit)
    return {
      ...tag,
      rating: ratedAs(known),
      unexpected_ends: (known && runs.get(known.release)?.unexpectedExits) ?? 0,
      left: known?.left ?? null,
      on_disk: onDisk.has(tag.commit),
      active: tag.commit === active,
      bakes_until: tag.commit === active ? isoOf(baking) : null,
    }
  })
}
