import { resolve } from 'node:path'
import type { Home } from '#core/home/home.js'
import { exists } from '#core/platform/fs/files.js'
import type { Git } from './git.js'

/** The files by which git remembers that something was begun in a working tree (gitrepository-layout(5), git-rebase(1)). */
const MARKS = {
  MERGE_HEAD: 'merge',
  'rebase-merge': 'rebase',
  'rebase-apply': 'rebase',
  CHERRY_PICK_HEAD: 'cherry-pick',
  REVERT_HEAD: 'revert',
} as const

/** Returns what was begun in the working tree and not ended; undefined where nothing was. */
export async function readOperation(git: Git, { paths, asOwner }: Home): Promise<string | undefined> {
  const folder = (await git.ask('rev-parse', '--git-dir'))?.trim()
  if (folder === undefined) return undefined
  const found = Object.entries(MARKS).find(([name]) => asOwner(() => exists(resolve(paths.home, folder, name))))
  return found?.[1]
}
