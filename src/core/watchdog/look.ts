import { readConfig } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { messageOf } from '#core/errors.js'
import { ASK_TIMEOUT_MS, askHealth, type Health } from '#core/health/client.js'
import { servicesOf } from '#core/health/services.js'
import type { ServiceState } from '#core/service/manager.js'
import { readBotFile } from '#core/state/bot-file.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { readHolderNow } from '#core/state/lock.js'
import { readStopWish } from '#core/state/wanted.js'
import { memoryOfTree } from '#core/system/process-tree.js'
import { isRunning } from '#core/system/processes.js'
import { isReachable } from '#core/system/reach.js'
import type { Reading } from './policy.js'

/** The bot's process, by the word of its keeper: its service manager, or the watchdog itself. */
export interface Kept {
  readonly process: ServiceState
  readonly exit: number | null
}

const MB = 1024 * 1024
/** For a keeper that gives no answer: it may well keep the bot all the same, so only what the bot says counts. */
const UNKNOWN: Kept = { process: 'running', exit: null }

/** One look at everything the policy decides by. It takes some seconds at most, and never fails. */
export async function look(
  paths: HomePaths,
  settings: Settings,
  kept: () => Promise<Kept>,
): Promise<{ reading: Reading; health: Health; keeperFault: string | undefined }> {
  let keeperFault: string | undefined
  const asked = kept().catch((error): Kept => {
    keeperFault = messageOf(error)
    return UNKNOWN
  })
  const [first, { process: state, exit }] = await Promise.all([
    askHealth(paths, settings, longestAnswerMs(settings)),
    asked,
  ])
  // a rollback may have brought another HEALTH_TOKEN than the one that this watchdog was started with
  const health =
    first.status === 'unknown' ? await askHealth(paths, readConfig(paths.home, process.env).settings) : first
  const status = statusOf(health)
  const reading: Reading = {
    status,
    process: state,
    exit,
    stoppedOnPurpose: readStopWish(paths) !== undefined,
    deploying: await isDeploying(paths),
    online: status === 'unhealthy' ? await isOnline(settings) : true,
    overMemory: await isOver(paths, health, settings.BOT_MAX_RSS_MB),
  }
  return { reading, health, keeperFault }
}

function longestAnswerMs({ WATCHDOG_FREEZE_THRESHOLD }: Settings): number {
  return Math.min(ASK_TIMEOUT_MS, WATCHDOG_FREEZE_THRESHOLD * 1000)
}

/** A bot that answers what we can't read, such as a wish for another token, answers all the same. */
function statusOf({ status }: Health): Reading['status'] {
  if (status === 'unreachable') return undefined
  return status === 'unknown' ? 'starting' : status
}

/** Whether a deployment that is alive has the bot in hand. */
export async function isDeploying(paths: HomePaths): Promise<boolean> {
  const holder = readHolderNow(paths.deployLock)
  return holder !== undefined && isRunning(holder)
}

const REACH_MS = 3000

/** Whether any of the hosts that we know outside can be reached; where none is known, there is nothing to tell by. */
async function isOnline(settings: Settings): Promise<boolean> {
  const { ADMIN_ALERT_WEBHOOK, HEARTBEAT_URL } = settings
  const known = [ADMIN_ALERT_WEBHOOK, HEARTBEAT_URL, ...servicesOf(settings).map(({ url }) => url)]
  const urls = known.filter((url) => url !== undefined)
  if (urls.length === 0) return true
  return (await Promise.all(urls.map((url) => isReachable(url, REACH_MS)))).some(Boolean)
}

/** Of a program all that it has started counts, and Catalyst's own process not. */
async function isOver(paths: HomePaths, { report }: Health, limitMb: number | undefined): Promise<boolean> {
  if (limitMb === undefined || report === undefined) return false
  const program = readBotFile(paths.bot)?.program
  if (program === undefined) return report.rss_mb > limitMb
  const bytes = await memoryOfTree([program.pid]).catch(() => 0) // what the system doesn't tell is held against nobody
  return bytes / MB > limitMb
}
