import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { readBeginning, realPath } from '#core/platform/fs/files.js'
import { makeFolder, removeFile } from '#core/platform/fs/write-files.js'
import { actingAs, type User } from '#core/platform/process/users.js'
import { type Git, openGit } from './git.js'
import { readTree, type TreeEntry } from './tree.js'

/** The options of {@link exportCommit}. */
export interface ExportOptions {
  readonly owner: User
  /** The folder that the files are written into; made anew. */
  readonly folder: string
  /**
   * Variables that mark git and its helpers, so that they can be stopped when the process that started them is gone.
   */
  readonly mark: Readonly<Record<string, string>>
  /** The path of the index that this export uses meanwhile. */
  readonly index: string
  readonly signal?: AbortSignal
}

const LFS_POINTER = 'version https://git-lfs.github.com/spec/v1'

/**
 * Writes the files of a commit into a folder, with those of its submodules. The repository stays as it is: the export
 * has an index of its own, and the new folder is its work tree, so sparse checkouts and attributes of the home don't
 * count.
 * @throws CatalystError RELEASE_INCOMPLETE for submodules that aren't there and files that git-lfs has not brought
 */
export async function exportCommit(repository: string, commit: string, options: ExportOptions): Promise<void> {
  const { owner, folder, index, mark, signal } = options
  const asOwner = <T>(work: () => T) => actingAs(owner, work)
  const source = await openGit({ folder: repository, owner, ...(signal && { signal }) })
  const top = (await source.run('rev-parse', '--show-toplevel')).replace(/\r?\n$/, '')
  const store = (await source.run('rev-parse', '--absolute-git-dir')).replace(/\r?\n$/, '')
  asOwner(() => {
    makeFolder(folder)
    removeFile(`${index}.lock`) // of a git that was killed
  })
  const git = await openGit({ folder, owner, treeOf: { store, index }, more: mark, ...(signal && { signal }) })
  try {
    await git.run('read-tree', commit)
    await git.run('checkout-index', '--all', '--force', '--quiet')
  } finally {
    asOwner(() => [index, `${index}.lock`].forEach(removeFile))
  }
  const entries = await readTree(source, commit)
  await refusePointers(source, commit, folder, asOwner)
  for (const entry of entries.filter(({ kind }) => kind === 'submodule'))
    await exportSubmodule(top, entry, { ...options, folder: join(folder, entry.path) })
}

async function exportSubmodule(top: string, { path, object }: TreeEntry, options: ExportOptions): Promise<void> {
  const { owner, signal } = options
  const repository = join(top, path)
  const git = await openGit({ folder: repository, owner, ...(signal && { signal }) }).catch(() => undefined)
  const found = (await git?.ask('rev-parse', '--show-toplevel'))?.trim()
  // in a folder that is no repository git would find the one around it
  if (git === undefined || found === undefined || realPath(found) !== realPath(repository)) {
    throw incomplete(`the submodule ${path} is not there`, 'Bring it: git submodule update --init --recursive')
  }
  const has = async () => (await git.ask('cat-file', '-e', `${object}^{commit}`)) !== undefined
  if (!(await has())) await git.ask('fetch', '--progress', '--no-write-fetch-head', 'origin')
  if (!(await has())) {
    throw incomplete(
      `the submodule ${path} does not have commit ${object.slice(0, 8)}`,
      'Bring it: git submodule update --init --recursive',
    )
  }
  await exportCommit(repository, object, options)
}

/** Refuses files that git-lfs has not replaced by their content: only the bot would find that out. */
async function refusePointers(
  git: Git,
  commit: string,
  folder: string,
  asOwner: <T>(work: () => T) => T,
): Promise<void> {
  const listed = await git.ask(
    'grep',
    '-l',
    '-z',
    '-a', // whatever an attribute calls binary
    '--full-name',
    '--fixed-strings',
    '-e',
    LFS_POINTER,
    commit,
    '--',
    ':/', // not only the part that the home is
  )
  const paths = (listed ?? '').split('\0').flatMap((line) => (line ? [line.slice(line.indexOf(':') + 1)] : []))
  const pointers = paths.filter(
    (path) => asOwner(() => readBeginning(join(folder, path), LFS_POINTER.length)) === LFS_POINTER,
  )
  if (pointers.length === 0) return
  throw incomplete(
    `${pointers.slice(0, 3).join(', ')}${pointers.length > 3 ? ` and ${pointers.length - 3} more` : ''} would be git-lfs pointers, not files`,
    'Install git-lfs for the owner of the home, then do it again: git lfs install',
  )
}

function incomplete(why: string, suggestion: string): CatalystError {
  return new CatalystError(`The release would not be whole: ${why}.`, {
    code: 'RELEASE_INCOMPLETE',
    exit: EXIT.failed,
    suggestions: [suggestion],
  })
}
