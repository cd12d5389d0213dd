import { CatalystError, EXIT } from '#core/errors.js'
import { remoteOf } from './fetch.js'
import type { GitError } from './git.js'
import type { Repository } from './repository.js'

/** A name that is a tag in git, a word in every shell, and a file name everywhere. */
const NAME = /^[A-Za-z0-9][\w.+-]{0,99}$/

/** Names by which git itself calls commits. */
const CONFUSING = /^(HEAD|[A-Z_]+_HEAD|refs|[0-9a-f]{7,40})$/i

/** The result of {@link makeTag}. */
export interface MadeTag {
  readonly name: string
  readonly commit: string
  /** False if it was there already, on the same commit. */
  readonly made: boolean
  readonly pushed: boolean
}

/**
 * Makes an annotated tag on HEAD, and pushes it to the upstream's remote if asked to. A tag is never moved.
 * @throws CatalystError USAGE, TREE_DIRTY, TAG_TAKEN, PUSH_FAILED (the local tag stands)
 */
export async function makeTag(
  { git }: Repository,
  name: string,
  options: { message: string | undefined; push: boolean },
): Promise<MadeTag> {
  if (!NAME.test(name) || CONFUSING.test(name) || name.endsWith('.lock') || name.includes('..') || name.endsWith('.'))
    throw badName(name)
  const head = (await git.ask('rev-parse', '--verify', '--quiet', 'HEAD'))?.trim()
  if (!head) throw failed('TREE_DIRTY', 'There is no commit yet.', 'Commit what is to be tagged: git add, git commit')
  const dirty = (await git.run('status', '--porcelain', '--untracked-files=no')).split('\n').filter(Boolean)
  if (dirty.length > 0) throw dirtyTree(dirty)
  const commit = (await git.ask('rev-parse', '--verify', '--quiet', `refs/tags/${name}^{commit}`))?.trim()
  if (commit && commit !== head) throw taken(name, commit)
  if (!commit) {
    await git
      .run('tag', '--annotate', `--message=${options.message ?? name}`, '--', name, head)
      .catch((error: GitError) => {
        throw failed('TAG_TAKEN', `The tag could not be made: ${error.message}`, 'Correct that, then do it again.')
      })
  }
  if (options.push) await push(git, name)
  return { name, commit: head, made: !commit, pushed: options.push }
}

async function push(git: Repository['git'], name: string): Promise<void> {
  const remote = (await remoteOf(git)) ?? 'origin'
  const outside = await git.forRemote()
  await outside.run('push', '--progress', '--', remote, `refs/tags/${name}`).catch((error: GitError) => {
    throw failed(
      'PUSH_FAILED',
      `The tag ${name} stands here, but could not be pushed to ${remote}: ${error.message}`,
      `Once that is repaired: catalyst deploy tag ${name} --push`,
    )
  })
}

function badName(name: string): CatalystError {
  return failed(
    'USAGE',
    `${JSON.stringify(name)} can't be the name of a version.`,
    'It has 1 to 100 letters, digits, . _ + -, the first a letter or a digit: v1.2.3',
  )
}

function dirtyTree(dirty: readonly string[]): CatalystError {
  const shown = dirty.slice(0, 5).map((line) => line.slice(3))
  const more = dirty.length > shown.length ? ` and ${dirty.length - shown.length} more` : ''
  return failed(
    'TREE_DIRTY',
    `There are changes that no commit has: ${shown.join(', ')}${more}. The tag would not hold them.`,
    'Commit them, or put them aside: git stash',
  )
}

function taken(name: string, commit: string): CatalystError {
  return failed(
    'TAG_TAKEN',
    `The tag ${name} is taken, by commit ${commit.slice(0, 8)}. A tag is never moved.`,
    'Take the next name; see those there are: catalyst deploy list-tags',
  )
}

function failed(
  code: 'USAGE' | 'TREE_DIRTY' | 'TAG_TAKEN' | 'PUSH_FAILED',
  message: string,
  suggestion: string,
): CatalystError {
  return new CatalystError(message, {
    code,
    exit: code === 'USAGE' ? EXIT.usage : EXIT.failed,
    suggestions: [suggestion],
  })
}
