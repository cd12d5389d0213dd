import { companionsOf } from '#core/platform/sqlite/sqlite-file.js'

/** The kinds of what is in a backup, by paths in the home. */
export type Listing = ReadonlyMap<string, { readonly isFolder: boolean; readonly bytes: number }>

/** The facts by which it is decided what a restore replaces. Paths are relative to the home. */
export interface RestoreFacts {
  readonly listing: Listing
  /** The paths that were backed up. */
  readonly roots: readonly string[]
  /** The one path that is asked for; undefined: all. */
  readonly only: string | undefined
  /** Returns whether something is at a path now. */
  readonly exists: (path: string) => boolean
  /** Returns whether a link to a file is at a path now. */
  readonly isFileLink: (path: string) => boolean
  /** Returns the names in a folder as they are now. */
  readonly namesIn: (folder: string) => readonly string[]
}

/** What a restore does to the files of a home. */
export interface Replacements {
  /** Those that come, in the place of what is there. */
  readonly come: readonly string[]
  /** Those that are there now and were not then. */
  readonly go: readonly string[]
  /** Those of `come` that were named, and are links to shared files: the link stays, and its file gets the content. */
  readonly linked: readonly string[]
}

const OWN = '.catalyst/'
const LOGS = 'data/logs'

/**
 * Returns what a restore replaces. A folder that was backed up has what it had then, and nothing else; the log stays.
 * What Catalyst itself has written down comes only where it is missing: what has happened since stays known.
 */
export function replacementsOf(facts: RestoreFacts): Replacements {
  const { listing, roots, only, exists } = facts
  const come: string[] = []
  const go: string[] = []
  const isFile = (path: string) => listing.get(path)?.isFolder === false
  const linked = roots.filter((root) => isFile(root) && facts.isFileLink(root))
  const one = (path: string) => {
    if (!listing.has(path)) return
    come.push(path)
    if (listing.get(path)?.isFolder !== true)
      go.push(...companionsOf(path).filter((name) => exists(name) && !listing.has(name)))
  }
  if (only !== undefined && !roots.includes(only)) {
    one(only)
    return { come, go, linked: [] }
  }
  for (const root of only === undefined ? roots : [only]) {
    if (root.startsWith(OWN)) {
      if (listing.has(root) && (only !== undefined || !exists(root))) come.push(root)
    } else if (listing.get(root)?.isFolder !== true) one(root)
    else {
      const then = childrenOf(listing, root)
      come.push(...then)
      const now = facts.namesIn(root).map((name) => `${root}/${name}`)
      go.push(...now.filter((path) => path !== LOGS && !then.includes(path)))
    }
  }
  return {
    come: [...new Set(come)],
    go: [...new Set(go)].filter((path) => !come.includes(path)),
    linked: linked.filter((path) => come.includes(path)),
  }
}

function childrenOf(listing: Listing, folder: string): string[] {
  const isChild = (path: string) => path.startsWith(`${folder}/`) && !path.slice(folder.length + 1).includes('/')
  return [...listing.keys()].filter((path) => isChild(path) && path !== LOGS)
}
