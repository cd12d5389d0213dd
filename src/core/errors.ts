/** Exit codes of every command but `health check`, which has its own. 75, 77 and 78 are those of BSD's sysexits.h. */
export const EXIT = { done: 0, failed: 1, usage: 2, busy: 75, notAllowed: 77, settings: 78 } as const

/** Exit codes after which another start would end the same way: service managers and the watchdog don't try one. */
export const NOT_RETRIED: readonly number[] = [EXIT.notAllowed, EXIT.settings]

export type ErrorCode =
  | 'ALERT_FAILED'
  | 'BACKUP_DAMAGED'
  | 'BACKUP_UNKNOWN'
  | 'BOT_MODULE_INVALID'
  | 'BOT_NOT_FOUND'
  | 'BOT_RUNNING'
  | 'DEPLOY_BUSY'
  | 'DEPLOY_CANCELLED'
  | 'DEPLOY_CUT_OFF'
  | 'DEPLOY_FAILED'
  | 'DRILL_FAILED'
  | 'DRILL_REFUSED'
  | 'HOME_MISSING'
  | 'HOME_NOT_WRITABLE'
  | 'INCIDENT_AMBIGUOUS'
  | 'INCIDENT_UNKNOWN'
  | 'NOT_ALLOWED'
  | 'NOT_CONFIRMED'
  | 'PORT_TAKEN'
  | 'PUSH_FAILED'
  | 'FETCH_FAILED'
  | 'RELEASE_INCOMPLETE'
  | 'RELEASE_MISSING'
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
  | 'TAG_TAKEN'
  | 'TREE_DIRTY'
  | 'TOOL_FAILED'
  | 'TRACKED_SHARED'
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

  constructor(message: string, options: { code: ErrorCode; exit: number; suggestions?: string[]; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.exit = options.exit
    this.suggestions = options.suggestions ?? []
  }
}

/** The words of anything that was thrown, a string or an object without a message too. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  try {
    if (thrown instanceof Error) return String(thrown.message || thrown.name)
    return JSON.stringify(thrown) ?? String(thrown)
  } catch {
    return Object.prototype.toString.call(thrown) // it resists being told
  }
}

/** The system's code of an error (`ENOENT`, `EADDRINUSE`), if it has one. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
}
