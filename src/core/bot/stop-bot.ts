import { type BotFile, controlUrl, readBotFile } from '#core/home/bot-file.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { ask } from '#core/platform/net/http.js'
import { pollUntil } from '#core/platform/poll.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { killProcessTree } from '#core/platform/process/signals.js'
import { actingAs, isForAnother, ownerOf, type User } from '#core/platform/process/users.js'

const ASK_MS = 2000
const POLL_INTERVAL_MS = 50
/** A killed process is gone a moment later. */
const KILLED_MS = 5000

/** The result of stopping a bot: it exited gracefully or by force, was gone already, or survived. */
export type StopResult = 'graceful' | 'killed' | 'gone' | 'survived'

/**
 * Stops this home's bot: asks it through its control address, which works on every platform, and kills it when it hasn't
 * exited after `graceMs`. One that doesn't even accept the request is killed at once. What it leaves behind is ended by
 * the next bot, before that starts.
 */
export async function stopBot(clock: Clock, paths: HomePaths, graceMs: number): Promise<StopResult> {
  const owner = ownerOf(paths.home)
  const bot = actingAs(owner, () => readBotFile(paths.bot))
  if (bot === undefined || !(await isRunning(bot))) return 'gone'
  if (!isOf(owner, bot.pid)) return 'survived'
  if ((await askToStop(bot)) && (await gone(clock, bot, graceMs))) return 'graceful'
  await killProcessTree(bot.pid)
  return (await gone(clock, bot, KILLED_MS)) ? 'killed' : 'survived'
}

/**
 * Returns whether root is permitted to end this process: the owner of the home can write `bot.json`, so it must be a
 * process of theirs.
 */
function isOf(owner: User, pid: number): boolean {
  if (process.platform !== 'linux' || !isForAnother(owner)) return true
  try {
    return ownerOf(`/proc/${pid}`).uid === owner.uid
  } catch {
    return true // it has just exited
  }
}

async function askToStop(bot: BotFile): Promise<boolean> {
  const url = controlUrl(bot, '/stop')
  if (url === undefined) return false
  try {
    const { status } = await ask(url, { method: 'POST', timeoutMs: ASK_MS })
    return status === 202
  } catch {
    return false
  }
}

async function gone(clock: Clock, bot: BotFile, timeoutMs: number): Promise<boolean> {
  const isGone = async () => !(await isRunning(bot)) || undefined
  return (await pollUntil(clock, { intervalMs: POLL_INTERVAL_MS, timeoutMs }, isGone)) ?? false
}
