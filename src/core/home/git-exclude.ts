import { isAbsolute, join } from 'node:path'
import { readText } from '#core/platform/fs/files.js'
import { appendLine } from '#core/platform/fs/write-files.js'
import { run } from '#core/platform/process/processes.js'
import { actingAs, type User } from '#core/platform/process/users.js'

const MINE = ['.catalyst/', 'data/logs/']
const GIT_TIMEOUT_MS = 10_000

/**
 * Keeps our folders out of the owner's git through the repository's own exclude file, so that no file of theirs
 * changes; `more` are further names to keep out. Without git, or outside a repository, it does nothing.
 */
export async function excludeFromGit(home: string, owner: User, more: readonly string[] = []): Promise<void> {
  const answer = await run('git', ['rev-parse', '--show-prefix', '--git-path', 'info/exclude'], {
    timeoutMs: GIT_TIMEOUT_MS,
    cwd: home,
    env: withoutGit(process.env),
    as: owner,
  })
  if (answer.exit !== 0) return
  const [prefix = '', exclude = ''] = answer.stdout.split('\n')
  if (exclude === '') return
  const path = isAbsolute(exclude) ? exclude : join(home, exclude)
  actingAs(owner, () => {
    const lines = (readText(path) ?? '').split(/\r?\n/)
    for (const name of [...MINE, ...more]) {
      const pattern = `/${prefix.replace(/[\\*?[\]]/g, '\\$&')}${name}`
      if (!lines.includes(pattern)) appendLine(path, pattern)
    }
  })
}

/** Returns an environment without git's own variables, which, as within a hook, would lead to another repository. */
export function withoutGit(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('GIT_')))
}
