import type { Logger } from 'pino'
import type { Bot, BotContext, CycleBot } from '#core/bot/contract.js'
import { catalystDrillCrash, catalystDrillFreeze, type Drill } from '#core/bot/drill.js'
import { announceStart, isNextInSeconds, NEXT_FAULT } from '#core/bot/servers/reports.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { FOR_FAULT, isForSeconds } from '#core/health/announced/announced.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { type Clock, within } from '#core/platform/clock.js'
import { runCycle, runCycles } from './cycle-loop.js'
import type { StoppedProgram } from './program.js'

/** The exit of a bot by itself. */
interface BotExit {
  readonly exit: number
  /** The reason, and what to do about it, where that is known. */
  readonly reason?: string
  /** The error that it printed last, in one line, where that may be the reason. */
  readonly error?: string
}

/** A bot at work, whatever kind it is. */
export interface BotRun {
  /** Resolves when the bot exits by itself; rejects with the error that ended it. */
  readonly exited: Promise<BotExit>
  /** Stops it: gracefully within `timeoutMs`, else by force. Resolves to how a program ended. */
  stop(timeoutMs: number): Promise<StoppedProgram | undefined>
  /** Really brings it down. */
  drill(drill: Drill): void
}

export interface ModuleOptions {
  readonly bot: Bot
  readonly ctx: Omit<BotContext, 'signal'>
  readonly monitor: HealthMonitor
  readonly pauseMs: number
  readonly once: boolean
}

/** Runs a bot in this process. */
export function runModule(clock: Clock, options: ModuleOptions): BotRun {
  const { monitor, pauseMs, once } = options
  const end = new AbortController()
  const { bot, ctx, hang } = hangable(options.bot, { ...options.ctx, signal: end.signal })
  const hooks = {
    onCycle: (durationMs: number) => monitor.recordCycle({ durationMs }),
    onFailure: (error: unknown) => ctx.recordError(error),
  }
  const work = once
    ? runOnce(clock, bot, ctx, hooks)
    : isCycleBot(bot)
      ? runCycles(clock, bot, ctx, { ...hooks, pauseMs })
      : runStarted(bot, ctx)
  return {
    // cycles and gateways go on until they are stopped: only a single cycle, or a failed start, ends by itself
    exited: new Promise((resolve, reject) => {
      work.then((exit) => exit !== undefined && resolve({ exit }), reject)
    }),
    async stop(timeoutMs) {
      const until = clock.monotonic() + timeoutMs
      end.abort()
      const left = () => Math.max(0, until - clock.monotonic())
      const settled = (work as Promise<unknown>).then(
        () => true,
        () => true,
      )
      if (isCycleBot(bot) && !(await within(clock, left(), settled))) {
        ctx.log.warn(`the cycle did not end within ${timeoutMs / 1000} s: it is interrupted`)
      }
      const stopped = Promise.resolve()
        .then(() => bot.stop?.())
        .then(() => true)
      try {
        if (!(await within(clock, left(), stopped)))
          ctx.log.warn(`the bot's stop() did not end within ${timeoutMs / 1000} s`)
      } catch (error) {
        ctx.log.error({ err: error }, `the bot's stop() failed: ${messageOf(error)}`)
      }
      return undefined
    },
    drill(drill) {
      if (drill === 'crash') catalystDrillCrash()
      if (drill === 'freeze') catalystDrillFreeze()
      hang()
    },
  }
}

/** Returns the bot with a way to make it hang: then its next cycle never ends, or its reports are dropped. */
function hangable(bot: Bot, ctx: BotContext): { bot: Bot; ctx: BotContext; hang: () => void } {
  let hangs = false
  const cycle = isCycleBot(bot)
    ? {
        name: bot.name,
        stop: () => bot.stop?.(),
        cycle: (inner: BotContext) => (hangs ? forEver(ctx) : bot.cycle(inner)),
      }
    : bot
  return {
    bot: cycle,
    ctx: { ...ctx, recordCycle: (report) => (hangs ? undefined : ctx.recordCycle(report)) },
    hang() {
      hangs = true
    },
  }
}

function forEver({ log }: BotContext): Promise<void> {
  log.warn('catalyst drill hang: this cycle never ends')
  return new Promise(() => {})
}

/** Returns the context of a bot in this process, but for its signal. */
export function moduleContext(options: {
  readonly log: Logger
  /** The logger of the bot itself, whose errors are counted. */
  readonly botLog: Logger
  readonly monitor: HealthMonitor
  readonly settings: Readonly<Record<string, string>>
  readonly dataFolder: string
  readonly dryRun: boolean
}): Omit<BotContext, 'signal'> {
  const { log, botLog, monitor, settings, dataFolder, dryRun } = options
  return {
    log: botLog,
    settings,
    dataFolder,
    dryRun,
    recordCycle(report) {
      const next = report?.next_in_seconds
      if (next !== undefined && !isNextInSeconds(next)) log.error(`recordCycle: ${NEXT_FAULT}`)
      monitor.recordCycle(isNextInSeconds(next) ? { nextMs: next * 1000 } : {})
    },
    recordAlert: (message) => {
      monitor.recordAlert()
      if (message !== undefined) log.debug(`alert: ${String(message)}`) // a module logs its alerts as it likes
    },
    recordError: (error) => {
      monitor.recordError()
      log.error({ err: error instanceof Error ? error : undefined }, messageOf(error))
    },
    busy(seconds, why) {
      if (isForSeconds(seconds)) monitor.announced.busy(seconds, String(why ?? ''))
      else log.error(`busy: ${FOR_FAULT}`)
    },
    idle: () => monitor.announced.busy(0),
    starting(seconds, why) {
      const refusal = isForSeconds(seconds) ? announceStart(monitor, seconds, String(why ?? '')) : FOR_FAULT
      if (refusal !== undefined) log.error(`starting: ${refusal}`)
    },
  }
}

function isCycleBot(bot: Bot): bot is CycleBot {
  return 'cycle' in bot && typeof bot.cycle === 'function'
}

async function runOnce(
  clock: Clock,
  bot: Bot,
  ctx: BotContext,
  hooks: Parameters<typeof runCycle>[3],
): Promise<number> {
  if (!isCycleBot(bot)) {
    throw new CatalystError(`--once needs a bot with cycles; ${bot.name} runs by itself.`, {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['Leave --once out.'],
    })
  }
  return (await runCycle(clock, bot, ctx, hooks)) ? EXIT.done : EXIT.failed
}

async function runStarted(bot: Exclude<Bot, CycleBot>, ctx: BotContext): Promise<void> {
  await bot.start(ctx)
}
