import fs from 'node:fs'

/** An entry of a folder. Links are not followed; `other` is anything that a read could block on. */
export interface FolderEntry {
  readonly name: string
  readonly kind: 'file' | 'folder' | 'link' | 'other'
}

/** Returns the entries of a folder, by name; undefined where it is none, or is not readable. */
export function entriesOf(folder: string): FolderEntry[] | undefined {
  try {
    return fs
      .readdirSync(folder, { withFileTypes: true })
      .map((entry): FolderEntry => {
        const kind = entry.isFile()
          ? 'file'
          : entry.isDirectory()
            ? 'folder'
            : entry.isSymbolicLink()
              ? 'link'
              : 'other'
        return { name: entry.name, kind }
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    return undefined
  }
}

/** Returns the sizes of all files below a folder, by their paths within it, with `/` between names. */
export function fileSizes(folder: string, within = ''): Map<string, number> {
  const sizes = new Map<string, number>()
  for (const { name, kind } of entriesOf(`${folder}/${within}`) ?? []) {
    const path = within === '' ? name : `${within}/${name}`
    if (kind === 'file') sizes.set(path, fs.lstatSync(`${folder}/${path}`).size)
    if (kind === 'folder') for (const [inner, size] of fileSizes(folder, path)) sizes.set(inner, size)
  }
  return sizes
}
