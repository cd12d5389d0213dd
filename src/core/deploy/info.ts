import type { Git } from '#core/deploy/git/git.js'
import { openRepository } from '#core/deploy/git/repository.js'
import { messageOf } from '#core/errors.js'
import { askHealth } from '#core/health/client.js'
import type { Home } from '#core/home/home.js'
import { type Versions, versionsOf } from './versions.js'

/** The output of `deploy info --json`. Times are ISO 8601. */
export interface DeployInfo extends Versions {
  readonly bot: { readonly status: string; readonly release: string | null; readonly reasons: readonly string[] }
  /** The working tree; null without a repository. */
  readonly home: HomeState | null
  /** The reason for which `home` is null: no repository, or git refuses it, or is not installed. */
  readonly home_fault: string | null
}

interface HomeState {
  readonly branch: string | null
  readonly commit: string | null
  /** The number of files that differ from the commit, untracked ones too. */
  readonly dirty: number
  /** The numbers of commits that the active version lacks: of the branch, and of its upstream. */
  readonly ahead: { readonly branch: number | null; readonly upstream: number | null }
}

/** Returns what is active in a home, what was active before, and what is ahead. */
export async function deployInfo(home: Home): Promise<DeployInfo> {
  const health = await askHealth(home.paths, home.settings)
  return {
    ...(await versionsOf(home, home.newestEntries())),
    bot: { status: health.status, release: health.report?.release ?? null, reasons: health.reasons },
    ...(await stateOfHome(home, home.activePointer()?.commit)),
  }
}

async function stateOfHome(home: Home, active: string | undefined): Promise<Pick<DeployInfo, 'home' | 'home_fault'>> {
  try {
    const { git } = await openRepository(home)
    return { home: await stateOf(git, active), home_fault: null }
  } catch (error) {
    return { home: null, home_fault: messageOf(error).replace(/\.$/, '') }
  }
}

async function stateOf(git: Git, active: string | undefined): Promise<HomeState> {
  const [branch, commit, status] = await Promise.all([
    git.ask('symbolic-ref', '--quiet', '--short', 'HEAD'),
    git.ask('rev-parse', '--verify', '--quiet', 'HEAD'),
    git.ask('--no-optional-locks', 'status', '--porcelain'),
  ])
  return {
    branch: branch?.trim() ?? null,
    commit: commit?.trim() ?? null,
    dirty: (status ?? '').split('\n').filter(Boolean).length,
    ahead: { branch: await commitsIn(git, active, 'HEAD'), upstream: await commitsIn(git, active, '@{upstream}') },
  }
}

async function commitsIn(git: Git, active: string | undefined, tip: string): Promise<number | null> {
  if (active === undefined) return null
  const count = await git.ask('rev-list', '--count', `${active}..${tip}`, '--')
  return count === undefined ? null : Number(count)
}
