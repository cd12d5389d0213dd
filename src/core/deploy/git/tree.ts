import type { Git } from './git.js'

/** One entry of a commit, its path from the repository's top. */
export interface TreeEntry {
  readonly path: string
  readonly kind: 'file' | 'link' | 'submodule'
  /** The blob, or a submodule's commit. */
  readonly object: string
}

/** Reads all entries of a commit, without those within its submodules. */
export async function readTree(git: Git, commit: string): Promise<TreeEntry[]> {
  return parseTree(await git.run('ls-tree', '-r', '-z', '--full-tree', commit))
}

/** Parses the output of `git ls-tree -z`: `<mode> <type> <object>\t<path>`, each with a NUL at its end. */
export function parseTree(text: string): TreeEntry[] {
  return text.split('\0').flatMap((line) => {
    const [head = '', path] = [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]
    const [mode, type, object = ''] = head.split(' ')
    if (type === undefined) return []
    return [{ path, kind: type === 'commit' ? 'submodule' : mode === '120000' ? 'link' : 'file', object }]
  })
}

/**
 * Returns the paths of a commit that are in the way of a shared path of the home: at it, below it, or a link or
 * submodule above it. On platforms whose file names have no case, `Data` is `data`.
 */
export function trackedBelow(
  entries: readonly TreeEntry[],
  subfolder: string,
  shared: readonly string[],
  platform: NodeJS.Platform,
): string[] {
  const fold = (path: string) => (platform === 'win32' || platform === 'darwin' ? path.toLowerCase() : path)
  const sharedPaths = shared.map((path) => fold(subfolder + path))
  return entries
    .filter(({ path, kind }) =>
      sharedPaths.some((one) => {
        const found = fold(path)
        return found === one || found.startsWith(`${one}/`) || (kind !== 'file' && one.startsWith(`${found}/`))
      }),
    )
    .map(({ path }) => path)
}
