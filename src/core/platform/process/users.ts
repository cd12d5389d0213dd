import fs from 'node:fs'
import os from 'node:os'

/** A user of the machine. On Windows there are no numbers: both are -1. */
export interface User {
  readonly uid: number
  readonly gid: number
  readonly name: string
  /** The user's own folder. */
  readonly folder: string
}

/** Returns the user who runs this process. */
export function currentUser(): User {
  try {
    const { uid, gid, username, homedir } = os.userInfo()
    return { uid, gid, name: username, folder: homedir }
  } catch {
    // a number without a name, as in a container
    const { getuid, getgid, env } = process
    return { uid: getuid?.() ?? -1, gid: getgid?.() ?? -1, name: String(getuid?.()), folder: env.HOME ?? '/' }
  }
}

/** Returns who asked for this: behind sudo, the one who typed it. */
export function asker(): string {
  const { name } = currentUser()
  const { SUDO_USER } = process.env
  return SUDO_USER && SUDO_USER !== name ? `${SUDO_USER} (as ${name})` : name
}

/**
 * Returns the owner of a file or folder, as whom we act there. On Windows, where that is hard to tell and of no use,
 * and if root is meant, it is the user who runs this.
 */
export function ownerOf(path: string): User {
  const user = currentUser()
  if (process.platform === 'win32' || (isRoot() && !standsInForOwners())) return user
  const { uid, gid } = fs.statSync(path)
  if (uid === user.uid) return user
  const entry = passwordEntry(uid)
  return { uid, gid: entry?.gid ?? gid, name: entry?.name ?? String(uid), folder: entry?.folder ?? '/' }
}

/** The cached entries: asking the system costs a process each time. */
const known = new Map<number, PasswordEntry | undefined>()

interface PasswordEntry {
  readonly name: string
  readonly gid: number
  readonly folder: string
}

function passwordEntry(uid: number): PasswordEntry | undefined {
  if (!known.has(uid)) known.set(uid, readPasswordEntry(uid))
  return known.get(uid)
}

/** Reads an entry from the file that mostly has it, else asks the system, which costs a process. */
function readPasswordEntry(uid: number): PasswordEntry | undefined {
  const local = process.platform === 'linux' ? localEntry(uid) : undefined
  if (local !== undefined) return local
  try {
    const [program, args]: [string, string[]] =
      process.platform === 'darwin' ? ['id', ['-P', String(uid)]] : ['getent', ['passwd', String(uid)]]
    const { execFileSync } = process.getBuiltinModule('node:child_process') // loaded only by whoever is root
    const fields = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .split(':')
    // `id -P` has class, change and expire between group and full name (id(1) of macOS)
    return { name: fields[0] as string, gid: Number(fields[3]), folder: fields.at(-2) as string }
  } catch {
    return undefined // a number without a name, as in a container
  }
}

function localEntry(uid: number): PasswordEntry | undefined {
  try {
    const lines = fs.readFileSync('/etc/passwd', 'utf8').split('\n')
    const [name, , , gid, , folder] =
      lines.map((line) => line.split(':')).find((fields) => Number(fields[2]) === uid) ?? []
    return name && gid && folder ? { name, gid: Number(gid), folder } : undefined
  } catch {
    return undefined
  }
}

/** Returns the users whom a Linux machine lists; those of a directory service it may not. */
export function allUsers(): User[] {
  try {
    const { execFileSync } = process.getBuiltinModule('node:child_process')
    const lines = execFileSync('getent', ['passwd'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split(
      '\n',
    )
    return lines.flatMap((line) => {
      const [name, , uid, gid, , folder] = line.split(':')
      return name && folder ? [{ uid: Number(uid), gid: Number(gid), name, folder }] : []
    })
  } catch {
    return []
  }
}

/** Returns whether we run as root; never on Windows. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0
}

/**
 * A variable of the environment that says that root is meant, whoever owns the home, as in a container. Then root acts
 * as nobody else.
 */
export const AS_ROOT = 'CATALYST_AS_ROOT'

/** Returns whether we run as root, and act as the owners of what we touch. */
function standsInForOwners(): boolean {
  return isRoot() && process.env[AS_ROOT] !== '1'
}

/** Returns whether we run as root and act as this other user. */
export function isForAnother({ uid }: Pick<User, 'uid'>): boolean {
  return standsInForOwners() && uid > 0
}

/**
 * Makes this process the owner of this folder for good, if it runs as root. For commands that only read, and need no
 * privilege of root's: no link in the folder leads them further than its owner can see.
 */
export function becomeOwnerOf(folder: string): void {
  if (!standsInForOwners()) return
  const { uid, gid } = fs.statSync(folder)
  if (uid === 0) return
  process.setgroups?.([gid])
  process.setgid?.(gid)
  process.setuid?.(uid)
}

/**
 * Touches files as their owner, if we run as root: what is made belongs to them, and a link that they put in the way
 * leads root nowhere. The work must be done when it returns: the whole process changes its user meanwhile. Each change
 * interrupts all of its threads (nptl(7)), so there are as few as can be: the groups stay those of the owner, since root
 * needs none.
 */
export function actingAs<T>(user: User, work: () => T): T {
  if (!isForAnother(user)) return work()
  const { uid, gid } = user
  const group = process.getegid?.() ?? 0
  try {
    process.setegid?.(gid)
    // root's groups would open what is theirs; node counts the effective one among them
    if (process.getgroups?.().some((one) => one !== gid)) process.setgroups?.([gid])
    process.seteuid?.(uid)
    return work()
  } finally {
    process.seteuid?.(0)
    process.setegid?.(group)
  }
}
