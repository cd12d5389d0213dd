import { readOperation } from '#core/deploy/git/operation.js'
import { openRepository } from '#core/deploy/git/repository.js'
import { Releases } from '#core/deploy/releases/releases.js'
import { checkOf } from '#core/doctor/check.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import { CatalystError, messageOf } from '#core/errors.js'
import { refuseForeignState } from '#core/home/foreign-state.js'

/** The facts about the repository. */
export interface GitFacts {
  /** True where versions have been deployed. */
  readonly isUsed: boolean
  /** Why there is no repository that git would use, and what to do. */
  readonly missing: string | undefined
  /** True where the working tree stands on a commit. */
  readonly hasCommit: boolean
  /** What was begun in the working tree and not ended, such as a merge. */
  readonly begun: string | undefined
}

/** Judges git and the working tree, where deployments need them. */
export function judgeGit({ isUsed, missing, hasCommit, begun }: GitFacts): Judged[] {
  if (!isUsed) return [ok('not needed: no version was deployed')]
  if (missing !== undefined) return [fault(missing)]
  if (!hasCommit) return [fault('HEAD of the working tree is no commit', 'git status')]
  if (begun !== undefined) return [warning(`a ${begun} was begun in the working tree, and not ended`, 'git status')]
  return [ok('the repository is whole')]
}

export const gitCheck = checkOf({
  id: 'git',
  async read({ home }): Promise<GitFacts> {
    const sound = { isUsed: true, missing: undefined, hasCommit: true, begun: undefined }
    if (new Releases(home).list().length === 0 && home.activePointer() === undefined) return { ...sound, isUsed: false }
    try {
      const { git } = await openRepository(home)
      const commit = await git.ask('rev-parse', '--verify', '--quiet', 'HEAD^{commit}')
      return { ...sound, hasCommit: commit !== undefined, begun: await readOperation(git, home) }
    } catch (error) {
      const suggestions = error instanceof CatalystError ? error.suggestions : []
      return { ...sound, missing: [messageOf(error).replace(/\.$/, ''), ...suggestions].join('. ') }
    }
  },
  judge: judgeGit,
})

/** The facts about whose the state of the home is. */
export interface OwnershipFacts {
  readonly refused: { readonly why: string; readonly command: string | null } | undefined
  readonly warnings: readonly string[]
}

/** Judges whether the state of the home can only come from its owner. */
function judgeOwnership({ refused, warnings }: OwnershipFacts): Judged[] {
  if (refused !== undefined) return [fault(refused.why, refused.command)]
  return warnings.length > 0 ? warnings.map((one) => warning(one)) : [ok("the home's state is its owner's")]
}

export const ownershipCheck = checkOf({
  id: 'ownership',
  async read({ home }): Promise<OwnershipFacts> {
    try {
      return { refused: undefined, warnings: await refuseForeignState(home) }
    } catch (error) {
      if (!(error instanceof CatalystError)) throw error
      const command = error.suggestions.map((text) => /(?:^|: )((?:git|chown) .*)$/.exec(text)?.[1]).find(Boolean)
      return {
        refused: { why: error.message.replace(' Nothing was done.', ''), command: command ?? null },
        warnings: [],
      }
    }
  },
  judge: judgeOwnership,
})
