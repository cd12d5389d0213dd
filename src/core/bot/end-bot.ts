import { type BotFile, readBotFile } from '#core/state/bot-file.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { type Clock, sleep } from '#core/system/clock.js'
import { ask } from '#core/system/http.js'
import { isRunning, killProcessTree } from '#core/system/processes.js'
import { actingAs, isForAnother, ownerOf, type User } from '#core/system/users.js'

const ASK_MS = 2000
const LOOK_MS = 50
/** A killed process is gone a moment later. */
const KILLED_MS = 5000

/** How the bot ended: gracefully, by force, or it was gone already. */
export type BotEnd = 'graceful' | 'killed' | 'gone' | 'survived'

/**
 * Ends this home's bot: asks it through its control address, which works on every platform, and kills it when it hasn't
 * ended after `graceMs`. One that doesn't even take the question is not waited for. What it leaves behind is ended by the
 * next bot, before that starts.
 */
export async function endBot(clock: Clock, paths: HomePaths, graceMs: number): Promise<BotEnd> {
  const owner = ownerOf(paths.home)
  const bot = actingAs(owner, () => readBotFile(paths.bot))
  if (bot === undefined || !(await isRunning(bot))) return 'gone'
  if (!isOf(owner, bot.pid)) return 'survived'
  if ((await askToEnd(bot)) && (await gone(clock, bot, graceMs))) return 'graceful'
  await killProcessTree(bot.pid)
  return (await gone(clock, bot, KILLED_MS)) ? 'killed' : 'survived'
}

/** Whether root may end it: `bot.json` is its owner's to write, so it must be a process of theirs. */
function isOf(owner: User, pid: number): boolean {
  if (process.platform !== 'linux' || !isForAnother(owner)) return true
  try {
    return ownerOf(`/proc/${pid}`).uid === owner.uid
  } catch {
    return true // it has just ended
  }
}

async function askToEnd({ control }: BotFile): Promise<boolean> {
  if (control === undefined) return false
  try {
    const { status } = await ask(`${control}/stop`, { method: 'POST', timeoutMs: ASK_MS })
    return status === 202
  } catch {
    return false
  }
}

async function gone(clock: Clock, bot: BotFile, ms: number): Promise<boolean> {
  const until = clock.monotonic() + ms
  while (await isRunning(bot)) {
    if (clock.monotonic() >= until) return false
    await sleep(clock, LOOK_MS)
  }
  return true
}
