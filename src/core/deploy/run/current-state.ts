import { timings } from '#core/config/timings.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { askHealth, type Health } from '#core/health/client.js'
import { sleep } from '#core/platform/clock.js'

/** The bot that runs, as it reports itself. */
interface ReportedBot {
  /** The release that it was started as; null: the working tree. */
  readonly release: string | null
  readonly pid: number
  readonly status: Health['status']
}

/** The current state of a home: what is active, and what really runs. The two differ until the bot is restarted. */
export interface CurrentState {
  /** The release that the pointer names; null: the working tree. */
  readonly active: string | null
  /** The bot that runs; null: none. */
  readonly bot: ReportedBot | null
}

const ASK_MS = 1000
const POLL_INTERVAL_MS = 100
/** The time in which a bot that has exited is started again, beyond the restart delay of its supervisor. */
const START_MS = 5000

/** Returns whether a bot runs as another release than the active one. */
export function isMismatched({ active, bot }: CurrentState): boolean {
  return bot !== null && bot.release !== active
}

/** Reads the pointer, and asks the bot itself. */
async function observeCurrentState(home: DeployHome): Promise<CurrentState> {
  const active = home.activePointer()?.name ?? null
  const bot = await home.runningBot()
  if (bot === undefined) return { active, bot: null }
  const settings = home.readSettings(home.supervisor.environment)
  const { status, report } = await askHealth(home.paths, settings, ASK_MS)
  const hasReported = report !== undefined && report.pid === bot.pid
  return { active, bot: { release: hasReported ? report.release : bot.release, pid: bot.pid, status } }
}

/**
 * Waits until the bot runs as the active release, and returns the current state: a bot that has just exited is started
 * again by its supervisor. It no longer waits once `isOver` returns true.
 */
export async function waitForCurrentState(home: DeployHome, isOver: () => boolean): Promise<CurrentState> {
  const { clock, settings } = home
  const until = clock.monotonic() + timings(settings).restartDelayMs + START_MS
  for (;;) {
    const current = await observeCurrentState(home)
    const isAsExpected = current.bot !== null && !isMismatched(current)
    if (isAsExpected || isOver() || clock.monotonic() >= until) return current
    await sleep(clock, POLL_INTERVAL_MS)
  }
}
