/** Writes one line: a message with values for its %s, or fields with a message. */
export interface LogLine {
  (message: string, ...values: unknown[]): void
  (fields: object, message?: string, ...values: unknown[]): void
}

/** The log of a bot. It is pino's; what isn't named here of that is no promise. */
export interface BotLog {
  readonly trace: LogLine
  readonly debug: LogLine
  readonly info: LogLine
  readonly warn: LogLine
  readonly error: LogLine
  readonly fatal: LogLine
  /** Returns a log whose lines also have these fields. */
  child(fields: Readonly<Record<string, unknown>>): BotLog
}

/** The context that a bot is given. The built-in bot gets exactly this, too. */
export interface BotContext {
  /** Writes to the bot's log (`bot.jsonl`, `errors.log`, the console). */
  readonly log: BotLog
  /** Aborts when the bot is asked to stop: stop waiting, finish the work in hand, return. */
  readonly signal: AbortSignal
  /** The process's environment plus the home's `.env`, without Catalyst's own secrets. */
  readonly settings: Readonly<Record<string, string>>
  /** The folder the bot keeps its data in (`data/` of the home); it outlives releases. */
  readonly dataFolder: string
  /** True when alerts should go to the log only (`--dry-run`). */
  readonly dryRun: boolean
  /** Reports a finished round of work: the proof that the bot works. For `start` bots; a `cycle` bot's loop does it. */
  recordCycle(report?: CycleReport): void
  /** Reports an alert that went out. */
  recordAlert(message?: string): void
  /** Reports an error that did not end the bot. Over 10 in an hour make it `degraded`. */
  recordError(error: unknown): void
  /**
   * Says that the bot must not be interrupted for so many seconds: planned restarts wait for it, up to BOT_BUSY_MAX. It
   * ends by itself.
   */
  busy(seconds: number, why: string): void
  /** Says that the bot can be interrupted again. */
  idle(): void
  /** Says, before the first cycle, that the start takes so many seconds more: that is no failed start. */
  starting(seconds: number, why: string): void
}

export interface CycleReport {
  /**
   * Seconds until the next cycle should have ended. Default: BOT_CYCLE_SECONDS, or the median of the last gaps if
   * longer.
   */
  readonly next_in_seconds?: number
}

/** A bot whose work comes in rounds: `cycle` is called again and again, `BOT_CYCLE_SECONDS` apart. */
export interface CycleBot {
  readonly name: string
  cycle(ctx: BotContext): Promise<void> | void
  /** Called once at the end, after the last cycle. */
  stop?(): Promise<void> | void
}

/** A bot that runs by itself (a gateway connection, a server) and reports its cycles with `ctx.recordCycle()`. */
export interface StartStopBot {
  readonly name: string
  start(ctx: BotContext): Promise<void> | void
  stop(): Promise<void> | void
}

export type Bot = CycleBot | StartStopBot
