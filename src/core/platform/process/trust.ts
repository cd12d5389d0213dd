import fs from 'node:fs'
import { join, win32 } from 'node:path'
import { codeOf, messageOf } from '#core/errors.js'
import { currentUser, isForAnother, isRoot } from './users.js'

/**
 * Returns why somebody else could have made, or could change, the file or folder at this path, as a sentence; undefined
 * if only the asker and root can, and if there is none. It checks neither the folders above nor access lists beyond the
 * mode. On Windows, where owner and mode say nothing, only {@link isEverybodys} counts.
 */
export function whyNotOurs(path: string, asker: Asker = whoAsks()): string | undefined {
  if (process.platform === 'win32') return isEverybodys(path) ? `every user may write to ${path}` : undefined
  let found: fs.Stats[]
  try {
    const link = fs.lstatSync(path)
    found = link.isSymbolicLink() ? [link, fs.statSync(path)] : [link]
  } catch (error) {
    return GONE.includes(codeOf(error) ?? '') ? undefined : messageOf(error)
  }
  for (const { uid } of found) if (!asker.uids.includes(uid)) return `${path} belongs to ${userName(uid)}`
  const { mode, gid } = found.at(-1) as fs.Stats
  if (mode & 0o002) return `everybody may write to ${path}`
  if (mode & 0o020 && !isPrivate(gid, asker)) return `the group ${groupName(gid)} may write to ${path}`
  return undefined
}

const GONE = ['ENOENT', 'ENOTDIR']

/** The users whose files are trusted. */
export interface Asker {
  readonly uids: readonly number[]
}

/**
 * Returns the trusted users: this user, and root, who can do anything anyway; behind sudo also the one who typed it, as
 * in git.
 */
function whoAsks(environment: NodeJS.ProcessEnv = process.env): Asker {
  const typed = isRoot() && /^\d+$/.test(environment.SUDO_UID ?? '') ? [Number(environment.SUDO_UID)] : []
  return { uids: [0, currentUser().uid, ...typed] }
}

/** Returns why root must not run what a home names: somebody else would decide what root does. Undefined if it may. */
export function whyNotByRoot(home: string): string | undefined {
  for (const path of [home, join(home, '.env')]) {
    const uid = fs.statSync(path, { throwIfNoEntry: false })?.uid
    if (uid !== undefined && isForAnother({ uid }))
      return `${path} belongs to ${userName(uid)}, and root would run what it names`
  }
  return undefined
}

/**
 * Returns whether every user may write there: a drive's top, and Windows' folders for all, where by default every user
 * may make folders, `.git` and `.catalyst` too.
 */
export function isEverybodys(path: string, environment: NodeJS.ProcessEnv = process.env): boolean {
  const plain = (folder: string) => win32.resolve(folder).toLowerCase()
  const { PUBLIC, ProgramData, SystemRoot } = environment
  const shared = [PUBLIC, ProgramData, SystemRoot && win32.join(SystemRoot, 'Temp')].filter((one) => one !== undefined)
  return win32.dirname(plain(path)) === plain(path) || shared.some((folder) => plain(folder) === plain(path))
}

/**
 * Returns whether a group has no member but the asker: many systems give each user a group of their own, and let it
 * write. For groups that are not in these files, as on macOS or in a directory service, that can't be told.
 */
function isPrivate(gid: number, { uids }: Asker): boolean {
  const group = linesOf('/etc/group').find((fields) => Number(fields[2]) === gid)
  if (group === undefined || process.platform === 'darwin') return false
  const users = linesOf('/etc/passwd')
  const isTrusted = (fields: readonly string[]) => uids.includes(Number(fields[2]))
  const trusted = users.filter(isTrusted).map(([name]) => name)
  const members = (group[3] ?? '').split(',').filter((name) => name !== '')
  return (
    members.every((name) => trusted.includes(name)) &&
    users.every((fields) => Number(fields[3]) !== gid || isTrusted(fields))
  )
}

function userName(uid: number): string {
  return linesOf('/etc/passwd').find((fields) => Number(fields[2]) === uid)?.[0] ?? `the user ${uid}`
}

function groupName(gid: number): string {
  return linesOf('/etc/group').find((fields) => Number(fields[2]) === gid)?.[0] ?? String(gid)
}

function linesOf(path: string): string[][] {
  try {
    return fs
      .readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
  } catch {
    return []
  }
}
