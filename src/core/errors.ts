import { quoteWord } from './text.js'

/** Exit codes of every command but `health check`, which has its own. 75, 77 and 78 are those of BSD's sysexits.h. */
export const EXIT = { done: 0, failed: 1, usage: 2, busy: 75, notAllowed: 77, settings: 78 } as const

/**
 * Non-retryable exit codes: another start would exit the same way, so service managers and the watchdog don't try one.
 */
export const NOT_RETRIED: readonly number[] = [EXIT.notAllowed, EXIT.settings]

export type ErrorCode =
  | 'ALERT_FAILED'
  | 'BACKUP_DAMAGED'
  | 'BACKUP_UNKNOWN'
  | 'BACKUP_BUSY'
  | 'BACKUP_FAILED'
  | 'BACKUP_OFF'
  | 'BACKUP_PASSWORD_WRONG'
  | 'BACKUP_REPOSITORY_LOCKED'
  | 'BACKUP_REPOSITORY_MISSING'
  | 'BACKUP_SEALED'
  | 'BOT_MODULE_INVALID'
  | 'BOT_NOT_FOUND'
  | 'BOT_RUNNING'
  | 'DATA_IN_USE'
  | 'DEPLOY_BUSY'
  | 'DEPLOY_CANCELLED'
  | 'DEPLOY_CUT_OFF'
  | 'DEPLOY_FAILED'
  | 'DRILL_FAILED'
  | 'DRILL_REFUSED'
  | 'HOME_MISSING'
  | 'HOME_NOT_TRUSTED'
  | 'HOME_NOT_WRITABLE'
  | 'IDENTITY_WRONG'
  | 'INCIDENT_AMBIGUOUS'
  | 'INCIDENT_UNKNOWN'
  | 'NOT_ALLOWED'
  | 'NOT_CONFIRMED'
  | 'PM2_LIST_MISSING'
  | 'PORT_TAKEN'
  | 'PUSH_FAILED'
  | 'FETCH_FAILED'
  | 'RELEASE_INCOMPLETE'
  | 'RELEASE_MISSING'
  | 'RESTIC_MISSING'
  | 'RESTORE_FAILED'
  | 'RUNTIME_CHANGED'
  | 'REPOSITORY_MISSING'
  | 'SERVICE_BUSY'
  | 'SERVICE_COMMAND_FAILED'
  | 'SERVICE_EDITED'
  | 'SERVICE_HOME_UNFIT'
  | 'SERVICE_MANAGER_MISSING'
  | 'SERVICE_MISSING'
  | 'SERVICE_NAME_TAKEN'
  | 'SERVICE_NOT_RUNNING'
  | 'SERVICE_PATH_UNREADABLE'
  | 'SERVICE_PATH_UNSTABLE'
  | 'SETTINGS_INVALID'
  | 'SETTINGS_MISSING'
  | 'DATA_DAMAGED'
  | 'SNAPSHOT_FAILED'
  | 'SNAPSHOT_UNKNOWN'
  | 'STATE_REFUSED'
  | 'SUPERVISOR_MISSING'
  | 'TAG_TAKEN'
  | 'TREE_DIRTY'
  | 'TOOL_FAILED'
  | 'TRACKED_SHARED'
  | 'UPDATE_NOT_KNOWN'
  | 'USAGE'
  | 'VERSION_BAD'
  | 'VERSION_UNKNOWN'
  | 'WATCHDOG_OFF'
  | 'WATCHDOG_RUNNING'

/** The one error that is meant for the person at the screen: what happened, and the next thing to type. */
export class CatalystError extends Error {
  override readonly name = 'Error' // it is printed before the message
  readonly code: ErrorCode
  /** The process's exit code; one of {@link EXIT}. */
  readonly exit: number
  readonly suggestions: string[]
  /** Further fields for a program that reads the error as JSON. */
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    message: string,
    options: {
      code: ErrorCode
      exit: number
      suggestions?: string[]
      details?: Readonly<Record<string, unknown>>
      cause?: unknown
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.exit = options.exit
    this.suggestions = options.suggestions ?? []
    this.details = options.details ?? {}
  }
}

/** Returns the message of anything that was thrown, also of a string or an object without a message. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  try {
    if (thrown instanceof Error) return faultWithPath(thrown) ?? String(thrown.message || thrown.name)
    return JSON.stringify(thrown) ?? String(thrown)
  } catch {
    return Object.prototype.toString.call(thrown) // it can't be turned into text
  }
}

/** Returns the system's code of an error (`ENOENT`, `EADDRINUSE`), if it has one. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
}

/** The system's codes for a full disk, or a user's used-up quota. */
const NO_ROOM: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT']

/** Returns whether something could not be written for lack of space. */
export function isNoRoom(thrown: unknown): boolean {
  return NO_ROOM.includes(codeOf(thrown))
}

/** Returns why `path` can't be written to, and how to fix it if a person can. */
export function writeFault(thrown: unknown, path: string): string {
  const code = codeOf(thrown)
  if (code === 'ENOSPC') return `the disk that holds ${path} is full (ENOSPC): make room there`
  if (code === 'EDQUOT') return `the quota on the disk that holds ${path} is used up (EDQUOT): make room there`
  if (code === 'EROFS') return `the disk that holds ${path} is mounted read-only (EROFS): remount it for writing`
  return messageOf(thrown).replace(TEMPORARY, '')
}

/** The end of a temporary file's name, which is another one for each write: the same fault has the same words. */
const TEMPORARY = /\.[0-9a-f]{12}\.tmp(?=')/

/** Codes for what a person can fix, but that the system reports without the path, or without what to do. */
const MENDABLE: readonly (string | undefined)[] = [...NO_ROOM, 'EROFS']

/** Returns whether the disk is full or read-only, or no more files can be opened: nothing of ours is to blame. */
export function isSystemFault(thrown: unknown): boolean {
  return MENDABLE.includes(codeOf(thrown)) || isTooMany(thrown)
}

function isTooMany(thrown: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(codeOf(thrown) ?? '')
}

function faultWithPath(thrown: Error): string | undefined {
  if (isTooMany(thrown))
    return `too many files are open (${codeOf(thrown)}): raise the limit of this user, which ulimit -n shows`
  const path = pathOf(thrown)
  return MENDABLE.includes(codeOf(thrown)) && path !== undefined ? writeFault(thrown, path) : undefined
}

/**
 * Returns the same error with the path that it is about: for an open file the system names none, and we write under
 * another name first.
 */
export function withPath(thrown: unknown, path: string): unknown {
  const isBare = thrown instanceof Error && codeOf(thrown) !== undefined && !('path' in thrown)
  return isBare || isNoRoom(thrown) ? Object.assign(thrown as Error, { path }) : thrown
}

/** Returns the path that a system error names, if it names one. */
export function pathOf(thrown: unknown): string | undefined {
  const { path } = (thrown ?? {}) as { path?: unknown }
  return typeof path === 'string' ? path : undefined
}

/** Returns what to type when a disk is full. */
export function waysToRoom(path: string, platform = process.platform): string[] {
  return [
    ...(platform === 'win32' ? [] : [`See how full it is: df -h ${quoteWord(path)}`]),
    'Remove releases and backups beyond their limits: catalyst deploy prune',
  ]
}
