import { bakesUntil } from '#core/deploy/bake/bake.js'
import {
  lastGoodOf,
  type RatedCommit,
  type Rating,
  type Ratings,
  ratedAs,
  ratingOf,
} from '#core/deploy/releases/ratings.js'
import { readRatings } from '#core/deploy/releases/ratings-file.js'
import { type Release, Releases } from '#core/deploy/releases/releases.js'
import { type Runs, runsOfReleases } from '#core/deploy/releases/runs.js'
import { faultUnder } from '#core/deploy/repair/release-runtime.js'
import type { Home } from '#core/home/home.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { isoOf } from '#core/text.js'
import { readDeployment } from './deployment-file.js'
import { operationName } from './names.js'

/** A version that is or was active. */
export interface KnownVersion {
  readonly release: string
  readonly tag: string | null
  readonly commit: string
  readonly rating: Rating
  /** The reason of its rating, if it is bad. */
  readonly reason: string
  /** The number of exits that nobody had asked for. */
  readonly unexpected_ends: number
  /** The time and the reason for which it was left for another version, unless it has proven itself anew since. */
  readonly left: RatedCommit['left']
}

/** The versions of a home, as far as its own files tell. Times are ISO 8601. */
export interface Versions {
  /** The active version; null: the bot runs in the working tree. */
  readonly active: KnownVersion | null
  readonly since: string | null
  /** Until when a failure of the active version takes it back; null: it has baked, or none does. */
  readonly bakes_until: string | null
  /** The reason why the active version can't run on today's runtime, or is likely not to; null: nothing is known against it. */
  readonly runtime_fault: string | null
  readonly previous: KnownVersion | null
  /** The version that `rollback --last-good` would roll back to. */
  readonly last_good: KnownVersion | null
  readonly releases_on_disk: number
  /** A deployment that goes on, or was interrupted. */
  readonly unfinished: { readonly what: string; readonly since: string; readonly goes_on: boolean } | null
}

/** Returns what is active in a home and what was active before, by its journal's newest entries. */
export async function versionsOf(home: Home, entries: readonly JournalEntry[]): Promise<Versions> {
  const onDisk = new Releases(home).list()
  const pointer = home.activePointer()
  const change = lastChange(entries, pointer?.name ?? null)
  const ratings = readRatings(home)
  const runs = runsOfReleases(entries)
  const good = lastGoodOf(ratings, pointer?.commit, onDisk)
  const known = (release: Pick<Release, 'name' | 'tag' | 'commit'>) => knownVersion(release, ratings, runs)
  const previous = onDisk.find(({ name }) => name === change?.before)
  const unfinished = readDeployment(home)
  const fault = pointer && (await faultUnder(home, { subfolder: '', ...pointer }))
  return {
    active: pointer ? known({ tag: null, ...pointer, ...onDisk.find(({ name }) => name === pointer.name) }) : null,
    since: change?.at ?? null,
    bakes_until: isoOf(
      bakesUntil(ratingOf(ratings, pointer?.commit), home.settings.DEPLOY_BAKE_HOURS, home.clock.now()),
    ),
    runtime_fault: fault?.text ?? null,
    previous: previous ? known(previous) : null,
    last_good: good ? known({ ...good, name: good.release }) : null,
    releases_on_disk: onDisk.length,
    unfinished: unfinished
      ? {
          what: operationName(unfinished),
          since: unfinished.since,
          goes_on: await home.isHeld('deployLock'),
        }
      : null,
  }
}

function knownVersion(
  { name, tag, commit }: Pick<Release, 'name' | 'tag' | 'commit'>,
  ratings: Ratings,
  runs: ReadonlyMap<string, Runs>,
): KnownVersion {
  const known = ratingOf(ratings, commit)
  return {
    release: name,
    tag,
    commit,
    rating: ratedAs(known),
    reason: known?.reason ?? '',
    unexpected_ends: runs.get(name)?.unexpectedExits ?? 0,
    left: known?.left ?? null,
  }
}

/** Outcomes that left the version of before active; also by their names before 0.2. */
const BACK: readonly unknown[] = ['rolled_back', 'cancelled', 'needs_attention', 'back', 'needs you']

/** Outcomes of a repair that has put the same version in the place of a broken release. */
const REPAIRED: readonly unknown[] = ['deployed', 'unverified']

/**
 * Returns when the active version became active, and what was active before. A repair only gives it another release.
 */
export function lastChange(
  entries: readonly JournalEntry[],
  active: string | null,
): { at: string; before: string | null } | undefined {
  let current: string | null | undefined
  let change: { at: string; before: string | null } | undefined
  for (const { kind, active: name, time, outcome, what } of entries) {
    if (kind !== 'deploy.end' || (typeof name !== 'string' && name !== null)) continue
    // the first that is known: one that failed only says what was active already
    current ??= BACK.includes(outcome) ? name : null
    const isSameVersion = what === 'repair' && REPAIRED.includes(outcome)
    if (name !== current && !isSameVersion) change = { at: time, before: current }
    current = name
  }
  return current === active ? change : undefined
}
