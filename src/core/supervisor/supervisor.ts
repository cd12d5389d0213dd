import type { ServiceState } from '#core/service/manager.js'

/** The kind of a supervisor. `watchdog`: the bot runs as its child. `none`: nobody restarts the bot. */
export type SupervisorKind = 'service' | 'watchdog' | 'none'

/** The bot's process, as its supervisor reports it. */
export interface SupervisorStatus {
  readonly process: ServiceState
  /** The exit code of its last exit, where that is known. */
  readonly exit: number | null
  /** All that the supervisor knows of the bot, for the evidence. */
  readonly details?: unknown
}

/** The supervisor of a bot: it starts the bot, and starts it again after an exit. */
export interface Supervisor {
  readonly kind: SupervisorKind
  /** The environment that the bot sees beside `.env`: a service sees nothing of this terminal. */
  readonly environment: NodeJS.ProcessEnv
  /** Looks whether another supervisor has taken its place, where that may happen, and returns the kind. */
  find?(): Promise<SupervisorKind>
  status(): Promise<SupervisorStatus>
  /** Makes sure that the bot is started again after its exit. */
  start(): Promise<void>
  /**
   * Restarts the bot, as the release that the pointer names then. `refuse` throws where the bot is to be left alone.
   * @throws CatalystError SUPERVISOR_MISSING where nobody could: the bot was left as it is
   */
  restart(refuse?: () => void): Promise<void>
  /** Returns why the bot won't come up by itself any more, if that is known. */
  fault(): Promise<string | undefined>
  /** Starts the bot at once where the desired state asks for that; only the watchdog's own child needs it. */
  followDesiredStart?(): Promise<void>
}

/** No supervisor: whoever started the bot has to start it again. */
export const NO_SUPERVISOR: Supervisor = {
  kind: 'none',
  environment: process.env,
  status: async () => ({ process: 'stopped', exit: null }),
  start: async () => {},
  restart: async () => {},
  fault: async () => undefined,
}
