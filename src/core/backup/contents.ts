import { join, sep } from 'node:path'
import type { Settings } from '#core/config/schema.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { exists, readBeginning, realPath } from '#core/platform/fs/files.js'
import { kindAt } from '#core/platform/fs/links.js'
import { entriesOf } from '#core/platform/fs/walk.js'
import { companionsOf, isSqlite } from '#core/platform/sqlite/sqlite-file.js'
import type { LeftOut } from './restic/restic-output.js'

/** The part of `.catalyst/` that a backup holds: what tells of the bot, and no locks, releases or caches. */
const OWN_PATHS = [
  'journal.jsonl',
  'history.jsonl',
  'incidents',
  'backups',
  'state/counters.json',
  'state/ratings.json',
  'state/rhythm.json',
].map((path) => `.catalyst/${path}`)

/** Left out: the bot's log is rotated and appended to all the time, and incidents keep what matters of it. */
const LOGS = 'data/logs'

/** The folder with copies of databases, whose paths below it are those in the home. */
export const STAGING = '.catalyst/staging'

/** The contents of a backup. Paths are relative to the home, with `/` between names. */
export interface Contents {
  /** Files and folders that are read as they are. */
  readonly plain: readonly string[]
  /** SQLite databases, of which copies are made. */
  readonly databases: readonly string[]
  /** Links to files outside, of which copies are made, such as to shared settings. */
  readonly linked: readonly string[]
  readonly leftOut: readonly LeftOut[]
}

/** Returns the paths that are to be backed up, whether they exist or not. */
export function pathsToBackUp({ BACKUP_PATHS, DEPLOY_SHARED_PATHS }: Settings): string[] {
  const named = BACKUP_PATHS.length > 0 ? BACKUP_PATHS : DEPLOY_SHARED_PATHS
  return [...new Set([...named, ...OWN_PATHS])]
}

/** Finds what a backup of a home is to hold, and which of it are databases. */
export function findContents(paths: HomePaths, settings: Settings): Contents {
  const found = { plain: [] as string[], databases: [] as string[], linked: [] as string[], leftOut: [] as LeftOut[] }
  for (const path of pathsToBackUp(settings)) {
    const at = join(paths.home, path)
    const kind = kindAt(at)
    if (kind === undefined) continue
    if (kind !== 'link') {
      add(found, paths.home, path, kind)
      continue
    }
    const target = realPath(at)
    const targetKind = target === undefined ? undefined : kindAt(target)
    if (targetKind === 'file') (isDatabase(at) ? found.databases : found.linked).push(path)
    else if (targetKind === 'folder')
      found.plain.push(...inside(found, paths.home, path)) // restic would keep the link alone
    else found.leftOut.push({ path, why: 'it is a link that leads nowhere' })
  }
  return found
}

interface Found {
  readonly databases: string[]
  readonly leftOut: LeftOut[]
  readonly plain: string[]
}

function add(found: Found, home: string, path: string, kind: string): void {
  if (kind === 'folder') found.plain.push(...targetsIn(found, home, path))
  else if (kind === 'file' && isDatabase(join(home, path))) found.databases.push(path)
  else if (kind !== 'special file') found.plain.push(path)
}

/** Returns what is to be read below a folder: the folder itself, unless something in it is not read as it is. */
function targetsIn(found: Found, home: string, folder: string): string[] {
  if (isCache(join(home, folder))) return []
  const before = found.databases.length + found.leftOut.length
  const inner = inside(found, home, folder)
  const isWhole = found.databases.length + found.leftOut.length === before && !LOGS.startsWith(`${folder}/`)
  return isWhole ? [folder] : inner
}

/** Returns what is to be read of the entries of a folder, and notes the databases. */
function inside(found: Found, home: string, folder: string): string[] {
  const entries = entriesOf(join(home, folder))
  if (entries === undefined) return [folder] // restic tells why it can't be read
  const strange = entries.filter(({ name }) => isNotText(join(home, folder, name))).map(({ name }) => name)
  found.leftOut.push(...strange.map((name) => ({ path: `${folder}/${name}`, why: 'its name is not UTF-8: rename it' })))
  const isLive = (name: string) => isDatabase(join(home, folder, name))
  const live = entries
    .filter(
      ({ name, kind }) => (kind === 'file' || (kind === 'link' && leadsOut(home, `${folder}/${name}`))) && isLive(name),
    )
    .map(({ name }) => name)
  const skipped = new Set([...strange, ...live.flatMap((name) => [name, ...companionsOf(name)])])
  found.databases.push(...live.map((name) => `${folder}/${name}`))
  return entries
    .filter(({ name, kind }) => kind !== 'other' && !skipped.has(name) && `${folder}/${name}` !== LOGS)
    .flatMap(({ name, kind }) =>
      kind === 'folder' ? targetsIn(found, home, `${folder}/${name}`) : [`${folder}/${name}`],
    )
}

/** Returns whether a name that is there can't be written as text: node tells it with signs for what it can't. */
function isNotText(path: string): boolean {
  return path.includes('\uFFFD') && kindAt(path) === undefined
}

/** Returns whether a link leads out of the home: one within it stays a link in the backup. */
function leadsOut(home: string, path: string): boolean {
  const [target, top] = [realPath(join(home, path)), realPath(home)]
  return target !== undefined && top !== undefined && !target.startsWith(top + sep)
}

/** Returns whether a file is a database. One that can't be read is none: restic tells why it can't. */
function isDatabase(path: string): boolean {
  try {
    return isSqlite(realPath(path) ?? path)
  } catch {
    return false
  }
}

/** The first bytes of the file that marks a folder as a cache (https://bford.info/cachedir/). */
const CACHE_MARK = 'Signature: 8a477f597d28d172789f06886806bc55'

function isCache(folder: string): boolean {
  const mark = join(folder, 'CACHEDIR.TAG')
  try {
    return exists(mark) && readBeginning(mark, CACHE_MARK.length) === CACHE_MARK
  } catch {
    return false
  }
}

/** Returns the path of a file in the home, for its path in a backup: copies of databases lie elsewhere there. */
export function homePathOf(path: string): string {
  return path.startsWith(`${STAGING}/`) ? path.slice(STAGING.length + 1) : path
}
