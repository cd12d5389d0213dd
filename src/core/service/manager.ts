import type { Action } from './action.js'

/** The program that a service runs: the bot, or the watchdog beside it. */
export type Role = 'bot' | 'watchdog'

/** The scope of a service manager: the machine's, which starts services at boot, or one user's. */
export type Scope = 'system' | 'user'

/** The intended entry in a service manager, independent of the platform. Durations are in milliseconds. */
export interface ServiceSpec {
  readonly name: string
  readonly role: Role
  readonly home: string
  readonly description: string
  /** Node and its arguments: the command line's file, the command, `--home` and the home. */
  readonly program: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** The account it runs as; undefined for the manager's default. */
  readonly account: string | undefined
  readonly stdout: string
  readonly stderr: string
  readonly restartDelayMs: number
  /** The time from the start until the bot answers. */
  readonly startTimeoutMs: number
  /** The time from being asked to stop until it is killed; it includes BOT_STOP_TIMEOUT and the cleanup after it. */
  readonly stopTimeoutMs: number
  /** The silence after which the manager itself restarts it, if it can; undefined: never. */
  readonly watchdogMs: number | undefined
}

/** A fault, and what a person can do about it. */
export interface Fault {
  readonly why: string
  readonly remedy: string
}

/** An entry as the service manager has it. */
export interface FoundService {
  /** The home it was made for; undefined when it was not made by catalyst. */
  readonly home: string | undefined
  /** Its definition, as text: comparable with {@link ServiceManager.definition}. */
  readonly definition: string
  /** The place where a person finds it: the path of a unit, or a registry key. */
  readonly place: string
  /** True if its installation was interrupted. */
  readonly unfinished?: boolean
  /** A fault that installing it again can't repair. */
  readonly fault?: Fault
}

export type ServiceState = 'running' | 'starting' | 'stopping' | 'restarting' | 'stopped' | 'failed'

/** The state of a service, as its manager reports it. Null stands for what a manager doesn't report. */
export interface ServiceObservation {
  readonly state: ServiceState
  readonly pid: number | null
  /** The wall time since which it runs, ISO 8601. */
  readonly since: string | null
  /** The number of restarts by the manager itself. */
  readonly restarts: number | null
  /** The last exit, if the manager knows it and the service doesn't run; not every manager knows when. */
  readonly ended?: { readonly at: string | null; readonly exit: number | null }
  /** True if it starts with the machine. */
  readonly automatic: boolean
  /** The manager's own words for it. */
  readonly words: string
}

/** The platform of each manager: its paths and command lines are written as there. */
export const PLATFORM = { systemd: 'linux', nssm: 'win32', launchd: 'darwin' } as const

/**
 * A service manager of an operating system. Changes are returned as data ({@link Action}), made without touching
 * anything; the current state is read. Exit codes are not relied on: the state is read afterwards.
 */
export interface ServiceManager {
  readonly kind: keyof typeof PLATFORM
  readonly scope: Scope
  /**
   * Checks that it can be used for this at all.
   * @throws CatalystError SERVICE_MANAGER_MISSING, NOT_ALLOWED, SERVICE_HOME_UNFIT with suggestions
   */
  check(spec: ServiceSpec): Promise<void>
  /** Returns the entry of this name, whoever made it. */
  find(name: string): Promise<FoundService | undefined>
  /** Returns the definition that the entry would have. */
  definition(spec: ServiceSpec): string
  /**
   * Makes the entry, or changes `found` into it. It does not start it.
   * @throws CatalystError USAGE, SERVICE_COMMAND_FAILED if it is known beforehand that this can't work
   */
  install(spec: ServiceSpec, found: FoundService | undefined): readonly Action[]
  /**
   * Returns what belongs to it beside the entry, and is done at each installation, even if the entry stays as it is.
   */
  upkeep?(spec: ServiceSpec): readonly Action[]
  /** Removes an entry that has been stopped. */
  uninstall(name: string): readonly Action[]
  /** Starts it. `waits`: it is in the pause before its next start, which is cut short. */
  start(name: string, options?: { readonly waits: boolean }): readonly Action[]
  stop(name: string): readonly Action[]
  /** Restarts it in one step, if the manager can: an interruption does not leave it stopped. */
  restart(name: string): readonly Action[]
  /** Returns what stays when the last service has gone, since others may need it: a sentence with what to type. */
  remains?(): string | undefined
  /** Returns its state; undefined if there is no such entry. */
  read(name: string): Promise<ServiceObservation | undefined>
}
