import { CatalystError, EXIT } from '#core/errors.js'
import { readPointer } from '#core/state/active-release.js'
import type { DeployHome } from './deploy-home.js'
import { resolveVersion, type Version } from './refs.js'
import { type Release, Releases } from './releases.js'
import { openRepository } from './repository.js'
import { goodCommits, goodReleases, readVerdicts } from './verdicts.js'

/**
 * The version that a rollback is to bring back. What is on disk is found there, so that neither git nor the network are
 * needed.
 * @throws CatalystError USAGE, VERSION_UNKNOWN, REPOSITORY_MISSING
 */
export async function findTarget(home: DeployHome, asked: string): Promise<Version> {
  const onDisk = home.asOwner(() => new Releases(home.paths).list())
  const found = onDisk.find((release) => isCalled(release, asked))
  if (found) return found
  const { git } = await openRepository(home.paths, home.owner)
  return resolveVersion(git, asked)
}

/**
 * The last version that was good, other than the active one; one that is on disk before any other.
 * @throws CatalystError RELEASE_MISSING
 */
export function lastGood({ paths, asOwner }: DeployHome): Version {
  const active = asOwner(() => readPointer(paths))?.commit
  const verdicts = asOwner(() => readVerdicts(paths))
  const [onDisk] = goodReleases(
    verdicts,
    asOwner(() => new Releases(paths).list()),
    [active],
  )
  if (onDisk) return onDisk
  const commit = goodCommits(verdicts).find((one) => one !== active)
  if (commit !== undefined) return { commit, tag: null }
  throw new CatalystError('No other version has proven good yet.', {
    code: 'RELEASE_MISSING',
    exit: EXIT.failed,
    suggestions: ['Name one: catalyst deploy rollback v1.2.3', 'See those there are: catalyst deploy list-tags'],
  })
}

function isCalled({ name, tag, commit }: Release, asked: string): boolean {
  return asked === name || asked === tag || (/^[0-9a-f]{7,40}$/i.test(asked) && commit.startsWith(asked.toLowerCase()))
}
