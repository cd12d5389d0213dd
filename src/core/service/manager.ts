import type { Action } from './action.js'

/** What a service runs: the bot, or the watchdog beside it. */
export type Role = 'bot' | 'watchdog'

/** Whose service manager it is: the machine's, which starts services at boot, or one user's. */
export type Scope = 'system' | 'user'

/** What the service manager's entry is to be, in the words of no platform. Durations are in milliseconds. */
export interface ServiceSpec {
  readonly name: string
  readonly role: Role
  readonly home: string
  readonly description: string
  /** Node and its arguments: the command line's file, the command, `--home` and the home. */
  readonly program: string
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** Who it runs as; undefined: whoever the manager runs it as by itself. */
  readonly account: string | undefined
  readonly stdout: string
  readonly stderr: string
  readonly restartDelayMs: number
  /** From the start until the bot can be asked. */
  readonly startTimeoutMs: number
  /** From being asked to end until it is killed; it holds BOT_STOP_TIMEOUT and what comes after it. */
  readonly stopTimeoutMs: number
  /** Silence after which the manager itself starts it anew, where it can tell; undefined: never. */
  readonly watchdogMs: number | undefined
}

/** What is wrong, and what a person can do about it. */
export interface Fault {
  readonly why: string
  readonly wayOut: string
}

/** An entry as the service manager has it. */
export interface FoundService {
  /** The home it was made for; undefined when it was not made by catalyst. */
  readonly home: string | undefined
  /** What it is made of, as text: comparable with {@link ServiceManager.definition}. */
  readonly definition: string
  /** Where a person finds it: the path of a unit, or a registry key. */
  readonly place: string
  /** Its installation was cut off. */
  readonly unfinished?: boolean
  /** What installing it again can't mend. */
  readonly fault?: Fault
}

export type ServiceState = 'running' | 'starting' | 'stopping' | 'restarting' | 'stopped' | 'failed'

/** How a service is, as its manager tells it. What a manager doesn't tell is null. */
export interface ServiceReading {
  readonly state: ServiceState
  readonly pid: number | null
  /** Wall time since when it runs, ISO 8601. */
  readonly since: string | null
  /** How often the manager itself has started it again. */
  readonly restarts: number | null
  /** How it last ended, where the manager knows and it doesn't run; not every one knows when. */
  readonly ended?: { readonly at: string | null; readonly exit: number | null }
  /** Whether it starts with the machine. */
  readonly automatic: boolean
  /** The manager's own words for it. */
  readonly words: string
}

/** Where each is at home: its paths and command lines are written as there. */
export const PLATFORM = { systemd: 'linux', nssm: 'win32', launchd: 'darwin' } as const

/**
 * A service manager of an operating system. What is to be done comes as data ({@link Action}), made without touching
 * anything; what is there is asked. Nobody relies on exit codes: the state is asked for afterwards.
 */
export interface ServiceManager {
  readonly kind: keyof typeof PLATFORM
  readonly scope: Scope
  /**
   * Whether it can be used for this at all.
   * @throws CatalystError SERVICE_MANAGER_MISSING, NOT_ALLOWED, SERVICE_HOME_UNFIT with the way out
   */
  check(spec: ServiceSpec): Promise<void>
  /** The entry of this name, whoever made it. */
  find(name: string): Promise<FoundService | undefined>
  /** What the entry would be made of. */
  definition(spec: ServiceSpec): string
  /**
   * Makes the entry, or makes `found` over into it. It does not start it.
   * @throws CatalystError USAGE, SERVICE_COMMAND_FAILED where it is known beforehand that this can't work
   */
  install(spec: ServiceSpec, found: FoundService | undefined): readonly Action[]
  /** What belongs to it beside the entry, and is done at each installation, also where the entry stays as it is. */
  upkeep?(spec: ServiceSpec): readonly Action[]
  /** Removes an entry that has been stopped. */
  uninstall(name: string): readonly Action[]
  start(name: string): readonly Action[]
  stop(name: string): readonly Action[]
  /** In one go, where the manager can: nobody who goes away halfway leaves it stopped. */
  restart(name: string): readonly Action[]
  /** What stays when the last service has gone, since others may need it: a sentence with what to type. */
  remains?(): string | undefined
  /** Undefined where there is no such entry. */
  read(name: string): Promise<ServiceReading | undefined>
}
