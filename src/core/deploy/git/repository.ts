import { CatalystError, EXIT } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { isInContainer } from '#core/platform/container.js'
import { type Git, GitError, openGit } from './git.js'

/** The git repository that a home is, or lies in. */
export interface Repository {
  readonly git: Git
  /** The path of the home in it, with a slash at the end; empty where it is the repository itself. */
  readonly subfolder: string
}

/**
 * Opens the repository of the home.
 * @throws CatalystError REPOSITORY_MISSING
 */
export async function openRepository({ paths, owner }: Pick<Home, 'paths' | 'owner'>): Promise<Repository> {
  const { home } = paths
  const git = await openGit({ folder: home, owner })
  try {
    const subfolder = (await git.run('rev-parse', '--show-prefix')).trim()
    return { git, subfolder }
  } catch (error) {
    throw missing(home, error as GitError)
  }
}

function missing(home: string, error: GitError): CatalystError {
  const hasGit = error instanceof GitError && !/ENOENT/.test(error.message)
  const isOthers = /dubious ownership/.test(error.message)
  const message = !hasGit
    ? 'git is not installed, or not in the PATH.'
    : isOthers
      ? `git refuses ${home}, since its repository belongs to somebody else.`
      : `${home} is no git repository, so there are no versions.`
  return new CatalystError(message, {
    code: 'REPOSITORY_MISSING',
    exit: EXIT.failed,
    suggestions: [
      !hasGit
        ? `Install git, then do it again.${isInContainer() ? ' Or let the image be the version, and build the next one.' : ''}`
        : isOthers
          ? 'Run it as the owner of the home.'
          : 'Make it one: git init, git add, git commit',
    ],
    cause: error,
  })
}
