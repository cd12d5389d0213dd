import type { Logger } from 'pino'
import type { Claim } from '#core/bot/claim.js'
import type { Bot } from '#core/bot/contract.js'
import type { StopRequest } from '#core/bot/stop-request.js'
import type { Config } from '#core/config/load.js'
import type { History } from '#core/health/history/history.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import type { PageFacts } from '#core/health/page/facts.js'
import type { HealthReport } from '#core/health/report.js'
import type { ActiveRelease } from '#core/home/active-release.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Journal } from '#core/journal/journal.js'
import type { Descriptors } from '#core/logging/service-logs.js'
import type { AnyFamily } from '#core/metrics/family.js'
import type { Clock } from '#core/platform/clock.js'

export interface RunBotOptions {
  readonly paths: HomePaths
  readonly config: Config
  readonly version: string
  /** The bot that BOT_MODULE=news names. */
  readonly builtIn: () => Promise<Bot>
  /** Reads what the status page shows of incidents, deployments and ratings. */
  readonly pageFacts: () => Promise<PageFacts>
  /** True for one cycle without the endpoint, with its success as the exit code. */
  readonly once: boolean
  readonly dryRun: boolean
  /** The name of the service that it runs as, if it does. */
  readonly service?: string | undefined
  /** True where a watchdog has started it as its child. */
  readonly isChild?: boolean
  /** The files that its output goes to, if not to the streams themselves. */
  readonly descriptors?: Descriptors
  /** Returns the metrics of the home's watchdog, for a scrape of the bot. */
  readonly watchdogMetrics?: () => Promise<readonly AnyFamily[]>
  /** Writes a log line, redacted, as JSON. */
  readonly console: (line: string) => void
}

/** The state that the parts of a run share. `closing` is called in reverse order at its end, whatever happened. */
export interface Run extends RunBotOptions {
  readonly clock: Clock
  readonly claim: Claim
  /** Adds facts to `bot.json`. A full disk stops no bot. */
  readonly note: Claim['update']
  readonly monitor: HealthMonitor
  /** Returns all current figures. */
  readonly report: () => HealthReport
  /** Returns all current figures in Prometheus' text format. */
  readonly metrics: () => Promise<string>
  readonly log: Logger
  /** Begins to write the log: that is put off until the bot listens, and not longer, as a module may block. */
  readonly beginLog: () => void
  /** The logger of a module, whose errors are counted. */
  readonly botLog: Logger
  readonly journal: Journal
  /** The figures over time, also of earlier runs. */
  readonly history: History
  /** Hides secrets in a text. */
  readonly redact: (text: string) => string
  readonly stopRequest: StopRequest
  /** Tells the service manager that this process has come up. */
  readonly ready: () => void
  /** Called when the bot has been loaded, or its program started. */
  readonly running: () => void
  readonly closing: (() => unknown)[]
  readonly release: ActiveRelease | undefined
}

/**
 * The result of a run, as the journal has it: stopped on request, exited by itself, or by an uncaught error. `exit` is
 * that of the bot; a stop on request is never a failure of ours.
 */
export interface RunResult {
  readonly kind: 'bot.stop' | 'bot.exit' | 'bot.crash'
  readonly exit: number
  readonly details: Readonly<Record<string, unknown>>
  /** True where another process is to start the bot: our own exit code says so. */
  readonly makesRoom?: boolean
}
