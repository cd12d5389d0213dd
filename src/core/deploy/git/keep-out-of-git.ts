import { join } from 'node:path'
import { excludeFromGit, withoutGit } from '#core/home/git-exclude.js'
import type { Home } from '#core/home/home.js'
import { exists } from '#core/platform/fs/files.js'
import { makeFolder } from '#core/platform/fs/write-files.js'
import { failureText, run } from '#core/platform/process/processes.js'

const INIT_TIMEOUT_MS = 30_000

/**
 * Excludes `.catalyst/` from the home's repository, and makes it an empty repository of its own. So backups are never
 * committed, `git clean -fdx` in the home spares them, and no tool within a release takes the home's repository for its
 * own. Without git there is nothing to do.
 * @throws Error with what git said
 */
export async function keepOutOfGit({
  paths,
  owner,
  asOwner,
}: Pick<Home, 'paths' | 'owner' | 'asOwner'>): Promise<void> {
  await excludeFromGit(paths.home, owner)
  if (exists(join(paths.own, '.git'))) return
  asOwner(() => makeFolder(paths.own)) // where that fails, it is not git that says so
  const result = await run('git', ['init', '--quiet', '--template=', paths.own], {
    timeoutMs: INIT_TIMEOUT_MS,
    env: withoutGit(process.env),
    as: owner,
  })
  if (result.exit === 0 || result.failure === 'ENOENT') return
  throw new Error(`${paths.own} can't be kept out of git: ${failureText(result)}`)
}
