import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { askHealth, isEndpointOn } from '#core/health/client.js'
import type { Home } from '#core/home/home.js'
import { readInstalled } from '#core/home/installed-services.js'
import { pollUntil } from '#core/platform/poll.js'
import { askPrivilegedParent, hasPrivilegedParent, runForChild } from '#core/platform/process/privileged-parent.js'
import { isForAnother } from '#core/platform/process/users.js'
import { botServices } from '#core/service/open-services.js'
import { startService } from '#core/service/operations/start-stop.js'
import { lockServices } from '#core/service/services.js'
import { supervisingService } from '#core/supervisor/find-supervisor.js'
import { remoteWatchdog } from '#core/supervisor/remote-watchdog.js'
import { serviceSupervisor } from '#core/supervisor/service-supervisor.js'

/** The supervisor that starts the bot on data that was restored. */
export interface Starter {
  /** The bot that runs now, by its instance; undefined where none does. */
  readonly before: string | undefined
  /** Has the bot that runs restarted, or starts it. */
  start(): Promise<void>
}

/**
 * Finds what starts the bot of a home. One that runs is restarted by its own exit, for which no privilege is needed.
 * @throws CatalystError SUPERVISOR_MISSING, NOT_ALLOWED where only root can start its service
 */
export async function findStarter(home: Home): Promise<Starter> {
  const services = await botServices(home.clock, home.paths, home.config)
  const before = (await home.runningBot())?.instance
  if (services !== undefined && before !== undefined) {
    const supervisor = serviceSupervisor(services, { restarts: 'by its exit' })
    return { before, start: () => supervisor.restart() }
  }
  if (services !== undefined && hasPrivilegedParent()) return { before, start: startByParent }
  if (services !== undefined) {
    await supervisingService(services)
    return {
      before,
      async start() {
        using _lock = await lockServices(services)
        await startService(services, 'bot', () => {})
      },
    }
  }
  if (await home.isHeld('watchdogLock')) {
    const supervisor = remoteWatchdog(home)
    return { before, start: () => (before === undefined ? supervisor.start() : supervisor.restart()) }
  }
  throw new CatalystError(
    'Nothing here starts the bot: it has no service, and no watchdog runs. Nothing was changed.',
    {
      code: 'SUPERVISOR_MISSING',
      exit: EXIT.failed,
      suggestions: ['Install its service first: catalyst service install', 'Or restore without --start'],
    },
  )
}

const AFTERWARDS = [
  'See what it says: catalyst logs',
  'Put back what was replaced: catalyst backup restore --undo --start',
]

async function startByParent(): Promise<void> {
  const fault = await askPrivilegedParent()
  if (fault === null) return
  throw new CatalystError(`The data is restored, but the bot could not be started: ${fault}`, {
    code: 'SERVICE_NOT_RUNNING',
    exit: EXIT.failed,
    suggestions: AFTERWARDS,
  })
}

/**
 * Restores with a child that becomes the owner of the home, where only root can start the bot of another user: root starts
 * it once the child asks. Returns the exit code; undefined where no child is needed.
 */
export async function restoreForOwner(home: Home): Promise<number | undefined> {
  const { bot } = home.asOwner(() => readInstalled(home.paths))
  const needsRoot = isForAnother(home.owner) && !hasPrivilegedParent() && bot?.scope === 'system'
  if (!needsRoot || (await home.runningBot()) !== undefined) return undefined
  return runForChild(async () => {
    const services = await botServices(home.clock, home.paths, home.config)
    if (services === undefined) return
    using _lock = await lockServices(services)
    await startService(services, 'bot', () => {})
  }, messageOf)
}

/** Has the bot start on what was restored, and returns the pid of the healthy one; null without a starter. */
export async function startOn(home: Home, starter: Starter | undefined): Promise<number | null> {
  if (starter === undefined) return null
  await starter.start()
  return waitUntilHealthy(home, starter.before)
}

/** The time for a first health report beyond the start timeout and the restart delay. */
const MARGIN_MS = 30_000
const POLL_INTERVAL_MS = 200

/**
 * Waits until another bot than before is healthy, and returns its pid.
 * @throws CatalystError SERVICE_NOT_RUNNING
 */
async function waitUntilHealthy(home: Home, before: string | undefined): Promise<number> {
  const { clock, paths, settings } = home
  const { startTimeoutMs, restartDelayMs, stopTimeoutMs } = timings(settings)
  const timeoutMs = startTimeoutMs + restartDelayMs + stopTimeoutMs + MARGIN_MS
  let last = 'it did not start'
  const pid = await pollUntil(clock, { intervalMs: POLL_INTERVAL_MS, timeoutMs }, async () => {
    const bot = await home.runningBot()
    if (bot === undefined || bot.instance === before) return undefined
    if (!isEndpointOn(settings)) return bot.pid
    const { status, reasons } = await askHealth(paths, settings)
    last = [status, ...reasons].join(': ')
    return status === 'healthy' || status === 'degraded' ? bot.pid : undefined
  })
  if (pid !== undefined) return pid
  throw new CatalystError(
    `The data is restored, but the bot is not healthy on it after ${Math.round(timeoutMs / 1000)} s: ${last}.`,
    {
      code: 'SERVICE_NOT_RUNNING',
      exit: EXIT.failed,
      suggestions: AFTERWARDS,
    },
  )
}
