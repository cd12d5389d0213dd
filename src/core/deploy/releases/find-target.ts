import { resolveVersion, type Version } from '#core/deploy/git/refs.js'
import { openRepository } from '#core/deploy/git/repository.js'
import { versionName } from '#core/deploy/names.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { isCommit, type Pointer } from '#core/home/active-release.js'
import type { Home } from '#core/home/home.js'
import { localTime } from '#core/text.js'
import { lastGoodOf, leftText, type RatedCommit, type Ratings } from './ratings.js'
import { readRatings } from './ratings-file.js'
import { type Release, Releases } from './releases.js'

/**
 * Finds the version that a rollback was asked for. A release on disk needs neither git nor the network.
 * @throws CatalystError USAGE, VERSION_UNKNOWN, REPOSITORY_MISSING
 */
export async function findTarget(home: Home, asked: string): Promise<Version> {
  const onDisk = new Releases(home).list()
  const found = onDisk.find((release) => isCalled(release, asked))
  if (found) return found
  const { git } = await openRepository(home)
  return resolveVersion(git, asked)
}

/**
 * Returns the version that a rollback without a target leads to; see {@link lastGoodOf}.
 * @throws CatalystError RELEASE_MISSING
 */
export function lastGood(home: Home): Version {
  const active = home.activePointer()
  const ratings = readRatings(home)
  // it becomes an argument of git: what is no commit may be an option
  const commits = ratings.filter(({ commit }) => isCommit(commit))
  const found = lastGoodOf(commits, active?.commit, new Releases(home).list())
  if (found) return { commit: found.commit, tag: found.tag }
  throw noneIsGood(ratings, active)
}

/** The number of versions that the error names. */
const NAMED = 3

function noneIsGood(ratings: Ratings, active: Pointer | undefined): CatalystError {
  const newest = ratings.filter(({ commit }) => commit !== active?.commit).reverse()
  const isGood = ({ rating }: RatedCommit) => rating === 'good'
  const others = [...newest.filter(isGood), ...newest.filter((one) => !isGood(one))]
  const known = others.slice(0, NAMED).map((one) => `${versionName(one)} ${whyNot(one)}`)
  const best = others.find(isGood)
  return new CatalystError(
    best
      ? `There is no good version before ${active?.name ?? 'the working tree'} to roll back to: ${known.join('; ')}.`
      : `No other version has proven good yet${known.length === 0 ? '' : `: ${known.join('; ')}`}.`,
    {
      code: 'RELEASE_MISSING',
      exit: EXIT.failed,
      suggestions: [
        `Name the one that you mean: catalyst deploy rollback ${best ? versionName(best) : 'v1.2.3'}`,
        'See those there are: catalyst deploy list-tags',
      ],
    },
  )
}

function whyNot({ rating, left, rated_at }: RatedCommit): string {
  if (rating !== 'good') return rating === 'bad' ? `is bad, since ${localTime(rated_at)}` : 'has not proven itself'
  return left ? `was left at ${localTime(left.at)}, ${leftText(left.why)}` : 'was deployed after it'
}

function isCalled({ name, tag, commit }: Release, asked: string): boolean {
  return asked === name || asked === tag || (/^[0-9a-f]{7,40}$/i.test(asked) && commit.startsWith(asked.toLowerCase()))
}
