import { join } from 'node:path'
import { excludeFromGit, withoutGit } from '#core/state/git-exclude.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { exists, makeFolder } from '#core/system/files.js'
import { run, saidBy } from '#core/system/processes.js'
import { actingAs, type User } from '#core/system/users.js'

const INIT_TIMEOUT_MS = 30_000

/**
 * Keeps what is ours out of the home's repository, and git out of ours: `.catalyst/` is excluded there, and is an empty
 * repository of its own. So backups are never committed, `git clean -fdx` in the home spares them, and no tool within a
 * release takes the home's repository for its own. Where there is no git there is nothing to keep out.
 * @throws Error with what git said
 */
export async function keepOutOfGit(paths: HomePaths, owner: User): Promise<void> {
  await excludeFromGit(paths.home, owner)
  if (exists(join(paths.own, '.git'))) return
  actingAs(owner, () => makeFolder(paths.own)) // where that fails, it is not git that says so
  const result = await run('git', ['init', '--quiet', '--template=', paths.own], {
    timeoutMs: INIT_TIMEOUT_MS,
    env: withoutGit(process.env),
    as: owner,
  })
  if (result.exit === 0 || result.failure === 'ENOENT') return
  throw new Error(`${paths.own} can't be kept out of git: ${saidBy(result)}`)
}
