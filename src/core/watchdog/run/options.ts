import type { Config } from '#core/config/load.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Descriptors } from '#core/logging/service-logs.js'
import type { Services } from '#core/service/services.js'
import type { Supervisor } from '#core/supervisor/supervisor.js'
import type { Failing, TakenBack } from '#core/watchdog/bakes.js'
import type { Broken } from '#core/watchdog/repairs.js'
import type { WatchdogHolder } from './claim-watch.js'

/** What the watchdog of a home needs. */
export interface HomeWatchOptions {
  readonly paths: HomePaths
  readonly config: Config
  /**
   * Returns the services of the home where the bot is installed as one; else the watchdog supervises the bot itself.
   */
  readonly services: () => Promise<Services | undefined>
  /** The command that starts the bot: node and its arguments. */
  readonly command: readonly [string, ...string[]]
  /** Resumes or rolls back an interrupted deployment. `supervisor` restarts the bot, `onNote` gets what is done. */
  readonly recover: (supervisor: Supervisor, onNote: (text: string) => void) => Promise<void>
  /** Builds a release anew whose runtime has changed; `tell` gets what is done. */
  readonly repair: (
    broken: Broken,
    options: { supervisor: Supervisor; signal: AbortSignal; tell: (text: string) => void },
  ) => Promise<void>
  /** Takes a release back that fails while it bakes; `tell` gets what is done. */
  readonly takeBack: (
    failing: Failing,
    options: { supervisor: Supervisor; signal: AbortSignal; tell: (text: string) => void },
  ) => Promise<TakenBack>
  /** Writes a log line, redacted, as JSON. */
  readonly console: (line: string) => void
  /** Writes a line that the bot, as the watchdog's child, has shown on its own console; undefined: it is not shown. */
  readonly botConsole?: (line: string) => void
  /** The holder of its lock; undefined: a new one. */
  readonly holder?: WatchdogHolder
}

/** What the watchdog of one home needs, in a process of its own. */
export interface RunWatchdogOptions extends HomeWatchOptions {
  /** The files that its output goes to, where it runs as a service. */
  readonly descriptors?: Descriptors
}
