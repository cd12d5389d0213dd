import { alertAddresses } from '#core/config/alerts/alert-channels.js'
import { type Config, readConfig } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { timings } from '#core/config/timings.js'
import { messageOf } from '#core/errors.js'
import { type Announced, announcedMs } from '#core/health/announced/announced.js'
import { businessOf } from '#core/health/announced/safe-moment.js'
import { ASK_TIMEOUT_MS, askHealth, type Health } from '#core/health/client.js'
import { readBotFile } from '#core/home/bot-file.js'
import { readDesiredStop } from '#core/home/desired-state.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { readHolderNow } from '#core/home/lock.js'
import { pauseOf } from '#core/home/pause.js'
import type { Memory } from '#core/incidents/incident.js'
import { isOutside, isReachable } from '#core/platform/net/reach.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { memoryOfTree } from '#core/platform/process/process-tree.js'
import type { SupervisorStatus } from '#core/supervisor/supervisor.js'
import type { Observation } from './policy/state.js'

const MB = 1024 * 1024
/** The status where a supervisor gives no answer: the bot may well run all the same, so only its own answer counts. */
const ASSUMED: SupervisorStatus = { process: 'running', exit: null }

/**
 * Observes everything that the policy decides by. It takes some seconds at most, and never fails. `wall` is wall time
 * in ms.
 */
export async function observe(
  paths: HomePaths,
  { settings, dependencies }: Pick<Config, 'settings' | 'dependencies'>,
  askSupervisor: () => Promise<SupervisorStatus>,
  wall: number,
): Promise<{ observation: Observation; health: Health; supervisorFault: string | undefined }> {
  let supervisorFault: string | undefined
  const asked = askSupervisor().catch((error): SupervisorStatus => {
    supervisorFault = messageOf(error)
    return ASSUMED
  })
  const [first, { process: state, exit }] = await Promise.all([
    askHealth(paths, settings, longestAnswerMs(settings)),
    asked,
  ])
  // a rollback may have brought another HEALTH_TOKEN than the one that this watchdog was started with
  const health =
    first.status === 'unknown' ? await askHealth(paths, readConfig(paths.home, process.env).settings) : first
  const status = isStartingByFile(health) && isLate(paths, settings, wall) ? undefined : statusOf(health)
  const memory = await excessMemory(paths, health, settings.BOT_MAX_RSS_MB)
  const observation: Observation = {
    status,
    process: state,
    exit,
    stoppedOnPurpose: readDesiredStop(paths) !== undefined,
    deploying: await isDeploying(paths),
    paused: pauseOf(paths, wall) !== undefined,
    online: status === 'unhealthy' ? await isOnline(settings, dependencies) : true,
    overMemory: memory !== undefined,
    memory,
    signs: status === 'degraded' ? (health.report?.signs ?? []) : [],
    busy: busyIn(health),
    startExtensionMs: announcedMs(health.report?.starting, wall),
  }
  return { observation, health, supervisorFault }
}

function busyIn(health: Health): Announced | undefined {
  const business = businessOf(health)
  return typeof business === 'object' ? business.busy : undefined
}

function longestAnswerMs(settings: Settings): number {
  return Math.min(ASK_TIMEOUT_MS, timings(settings).freezeThresholdMs)
}

/**
 * Returns the bot's own status; undefined for silence. A bot that answers what we can't read, such as a demand for
 * another token, is not silent.
 */
function statusOf({ status }: Health): Observation['status'] {
  if (status === 'unreachable') return undefined
  return status === 'unknown' ? 'starting' : status
}

/** Returns whether it starts by `bot.json` alone: the bot itself has not been asked. */
function isStartingByFile({ status, report }: Health): boolean {
  return status === 'starting' && report === undefined
}

/**
 * Returns whether the bot should long have written where it listens. One that nobody can ask is silent, not starting
 * for ever.
 */
function isLate(paths: HomePaths, settings: Settings, wall: number): boolean {
  return wall - Date.parse(readBotFile(paths.bot)?.since ?? '') > timings(settings).startTimeoutMs
}

/** Returns whether a deployment is under way, by a process that is alive. */
export async function isDeploying(paths: HomePaths): Promise<boolean> {
  const holder = readHolderNow(paths.deployLock)
  return holder !== undefined && isRunning(holder)
}

const REACH_MS = 3000

/** Returns whether any of the hosts outside that the settings name can be reached; true where they name none. */
async function isOnline(settings: Settings, dependencies: Config['dependencies']): Promise<boolean> {
  const told = [...alertAddresses(settings), settings.HEARTBEAT_URL].filter((url) => url !== undefined)
  // a server of one's own that is off must not look like a network that is gone
  const urls = [...told.filter(isOutside), ...dependencies.map(({ url }) => url)]
  if (urls.length === 0) return true
  return (await Promise.all(urls.map((url) => isReachable(url, REACH_MS)))).some(Boolean)
}

/** Returns whether the network can be reached, and all that the bot depends on. */
export async function isOutsideUp({
  settings,
  dependencies,
}: Pick<Config, 'settings' | 'dependencies'>): Promise<boolean> {
  const all = dependencies.map(({ url }) => isReachable(url, REACH_MS))
  return (await isOnline(settings, [])) && (await Promise.all(all)).every(Boolean)
}

/**
 * Returns the memory that the bot takes where that is too much. Of a program all that it has started counts, and
 * Catalyst's own process not.
 */
async function excessMemory(
  paths: HomePaths,
  { report }: Health,
  limit_mb: number | undefined,
): Promise<Memory | undefined> {
  if (limit_mb === undefined || report === undefined) return undefined
  const program = readBotFile(paths.bot)?.program
  // memory that the system doesn't report counts as none
  const used_mb = program === undefined ? report.rss_mb : (await memoryOfTree([program.pid]).catch(() => 0)) / MB
  return used_mb > limit_mb ? { used_mb, limit_mb } : undefined
}
