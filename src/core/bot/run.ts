import type { Logger } from 'pino'
import type { Config } from '#core/config/load.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import type { Journal } from '#core/journal/journal.js'
import type { Descriptors } from '#core/logging/service-logs.js'
import type { ActiveRelease } from '#core/state/active-release.js'
import type { HomePaths } from '#core/state/home-paths.js'
import type { Clock } from '#core/system/clock.js'
import type { EndRequest } from './asked-to-end.js'
import type { Claim } from './claim.js'
import type { Bot } from './contract.js'

export interface RunBotOptions {
  readonly paths: HomePaths
  readonly config: Config
  readonly version: string
  /** The bot that runs when neither BOT_COMMAND nor BOT_MODULE is set. */
  readonly builtIn: () => Promise<Bot>
  /** One cycle, and its success as the exit code; no endpoint. */
  readonly once: boolean
  readonly dryRun: boolean
  /** The name of the service that it runs as, if it does. */
  readonly service?: string | undefined
  /** Where its output goes, if not to the streams themselves. */
  readonly descriptors?: Descriptors
  /** Gets each log line, redacted, as JSON. */
  readonly console: (line: string) => void
}

/** What the parts of a run share. `closing` is undone backwards at its end, whatever happened. */
export interface Run extends RunBotOptions {
  readonly clock: Clock
  readonly claim: Claim
  /** Adds to `bot.json` what has become known. A disk that is full ends no bot. */
  readonly note: Claim['update']
  readonly monitor: HealthMonitor
  readonly log: Logger
  readonly journal: Journal
  readonly end: EndRequest
  /** The bot has been loaded, or its program started. */
  readonly running: () => void
  readonly closing: (() => unknown)[]
  readonly release: ActiveRelease | undefined
}

/** How a run ended, as the journal has it: asked to, by itself, or by an error nobody caught. */
export interface Ending {
  readonly kind: 'bot.stop' | 'bot.exit' | 'bot.crash'
  readonly exit: number
  readonly details: Readonly<Record<string, unknown>>
}
