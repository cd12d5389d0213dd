import { CatalystError, EXIT } from '#core/errors.js'
import type { Git, GitError } from './git.js'

/** Returns the remote that the current branch follows, or the only one there is. */
export async function remoteOf(git: Git): Promise<string | undefined> {
  const branch = (await git.ask('symbolic-ref', '--quiet', '--short', 'HEAD'))?.trim()
  const followed = branch ? (await git.ask('config', '--get', `branch.${branch}.remote`))?.trim() : undefined
  if (followed && followed !== '.') return followed
  const remotes = (await git.run('remote')).split('\n').filter(Boolean)
  return remotes.includes('origin') ? 'origin' : remotes[0]
}

/**
 * Fetches commits and tags of the remote, and returns its name; undefined for a home without a remote. `ref` is what is
 * to be shipped, for the text of an error.
 * @throws CatalystError FETCH_FAILED
 */
export async function fetchVersions(git: Git, ref = 'REF'): Promise<string | undefined> {
  const remote = await remoteOf(git)
  if (remote === undefined) return undefined
  const outside = await git.forRemote()
  await outside
    // with --quiet it would say nothing for as long as it takes, nor which tag was moved
    .run(
      'fetch',
      '--progress',
      '--tags',
      '--no-prune',
      '--no-write-fetch-head',
      '--no-recurse-submodules',
      '--',
      remote,
    )
    .catch((error: GitError) => {
      const isMoved = /would clobber existing tag/.test(error.message)
      const said = withoutProgress(error.message)
      throw new CatalystError(
        isMoved
          ? `A tag of ${remote} is not the one that is here; a tag is never moved.\n${said}`
          : `${remote} could not be asked for new versions: ${said}`,
        {
          code: 'FETCH_FAILED',
          exit: EXIT.failed,
          suggestions: [
            `To ship what is here already: catalyst deploy run ${ref} --skip-fetch`,
            isMoved
              ? 'Or remove the tag here, if that one is wrong: git tag --delete NAME'
              : 'Or repair it: git fetch --tags must work without a password',
          ],
          cause: error,
        },
      )
    })
  return remote
}

/** Returns git's message without its progress. */
function withoutProgress(message: string): string {
  const lines = message.split(/[\r\n]+/).map((line) => line.trimEnd())
  return lines.filter((line) => line !== '' && !PROGRESS.test(line)).join('\n')
}

const PROGRESS = /^(remote: )?([A-Z][a-z]+ (objects|deltas)|Total|From) ?.*$/

const VERSION = /^v?\d+(\.\d+)*/

/** Returns the newest version tag on the home's upstream branch, or, without an upstream, on the branch itself. */
export async function newestVersion(git: Git): Promise<string | undefined> {
  const upstream =
    (await git.ask('rev-parse', '--verify', '--quiet', '@{upstream}')) === undefined ? 'HEAD' : '@{upstream}'
  const format = '--format=%(creatordate:unix) %(refname:strip=2)'
  const text = (await git.ask('for-each-ref', `--merged=${upstream}`, format, 'refs/tags')) ?? ''
  const tags = text.split('\n').map((line) => ({ at: Number.parseInt(line, 10), name: line.replace(/^\S* /, '') }))
  const versions = tags.filter(({ name }) => VERSION.test(name))
  // of one second v10 is newer than v9
  const byNumber = new Intl.Collator('en', { numeric: true })
  versions.sort((one, other) => other.at - one.at || byNumber.compare(other.name, one.name))
  return versions[0]?.name
}
