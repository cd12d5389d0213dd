import type { Git } from '#core/deploy/git/git.js'
import { listTags } from '#core/deploy/git/refs.js'
import type { BotFiles } from './bot-files.js'
import { npmPackage } from './npm-package.js'

/** Whether the bot's folder has something that can be deployed as its first version. */
export type FirstVersion =
  /** `makesTag`: the ref is a tag that is to be made first. */
  | { readonly is: 'ready'; readonly ref: string; readonly makesTag: boolean }
  | { readonly is: 'impossible'; readonly why: string }

/** The most tags that are compared with the commit. */
const MOST_TAGS = 1000

/**
 * Finds the first version of a repository: the tag of its commit, else the name for a new one. Where git does not know
 * who would make that tag, as on a new server, it is the commit itself.
 */
export async function firstVersion(git: Git, files: BotFiles): Promise<FirstVersion> {
  const head = (await git.ask('rev-parse', '--verify', '--quiet', 'HEAD'))?.trim()
  if (!head) return { is: 'impossible', why: 'there is no commit yet' }
  const changed = (await git.run('status', '--porcelain', '--untracked-files=no')).split('\n').filter(Boolean)
  if (changed.length > 0) return { is: 'impossible', why: 'there are changes that no commit has' }
  const tags = await listTags(git, MOST_TAGS)
  const own = tags.find(({ commit }) => commit === head)
  if (own !== undefined) return { is: 'ready', ref: own.name, makesTag: false }
  if ((await git.ask('var', 'GIT_COMMITTER_IDENT')) === undefined)
    return { is: 'ready', ref: head.slice(0, 8), makesTag: false }
  const { version } = npmPackage(files)
  const names = tags.map(({ name }) => name)
  return { is: 'ready', ref: freeTag(names, typeof version === 'string' ? version : undefined), makesTag: true }
}

/** Returns the name of a new tag: the bot's own version, else the one after the newest that is taken. */
export function freeTag(taken: readonly string[], version: string | undefined): string {
  const own = `v${version}`
  if (version !== undefined && /^\d+\.\d+\.\d+$/.test(version) && !taken.includes(own)) return own
  const numbers = taken.flatMap((name) => {
    const found = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(name)
    return found ? [found.slice(1).map(Number) as [number, number, number]] : []
  })
  const newest = numbers.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]).at(-1)
  if (newest === undefined) return 'v0.1.0'
  return `v${newest[0]}.${newest[1]}.${newest[2] + 1}`
}
