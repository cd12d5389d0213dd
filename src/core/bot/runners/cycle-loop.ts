import type { BotContext, CycleBot } from '#core/bot/contract.js'
import { messageOf } from '#core/errors.js'
import { backoffMs } from '#core/platform/backoff.js'
import { type Clock, sleep } from '#core/platform/clock.js'

const LEAST_RETRY_MS = 1000
const LONGEST_RETRY_MS = 5 * 60_000

/** Returns the backoff after `failures` failed cycles in a row: it doubles, up to five minutes. */
export function retryPauseMs(pauseMs: number, failures: number): number {
  const first = Math.max(pauseMs, LEAST_RETRY_MS)
  return Math.max(first, backoffMs(failures, { firstMs: first, mostMs: LONGEST_RETRY_MS }))
}

export interface CycleHooks {
  readonly onCycle: (durationMs: number) => void
  readonly onFailure: (error: unknown) => void
}

/** Runs one cycle. Returns false where it threw. What a cycle throws because it was asked to stop is no failure. */
export async function runCycle(clock: Clock, bot: CycleBot, ctx: BotContext, hooks: CycleHooks): Promise<boolean> {
  const began = clock.monotonic()
  try {
    await bot.cycle(ctx)
    hooks.onCycle(clock.monotonic() - began)
    return true
  } catch (error) {
    if (ctx.signal.aborted) ctx.log.debug(`the cycle was ended: ${messageOf(error)}`)
    else hooks.onFailure(error)
    return ctx.signal.aborted
  }
}

/** Runs cycle after cycle, until the signal aborts. A cycle that throws is an error, not a cycle. */
export async function runCycles(
  clock: Clock,
  bot: CycleBot,
  ctx: BotContext,
  options: CycleHooks & { pauseMs: number },
): Promise<void> {
  let failures = 0
  while (!ctx.signal.aborted) {
    failures = (await runCycle(clock, bot, ctx, options)) ? 0 : failures + 1
    await sleep(clock, failures === 0 ? options.pauseMs : retryPauseMs(options.pauseMs, failures), ctx.signal)
  }
}
