import { CatalystError, EXIT } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { pollUntil } from '#core/platform/poll.js'
import { isRoot } from '#core/platform/process/users.js'
import { isElevated, notElevated } from '#core/service/elevation.js'
import { botServices } from '#core/service/open-services.js'
import { bySudo, permissionDenied } from '#core/service/rights.js'
import { findInstalled, type Services } from '#core/service/services.js'
import { remoteWatchdog, watchdogBackMs } from './remote-watchdog.js'
import { serviceSupervisor } from './service-supervisor.js'
import { NO_SUPERVISOR, type Supervisor } from './supervisor.js'

/** The interval between two searches for a supervisor. */
const SEARCH_INTERVAL_MS = 250

/**
 * Finds the supervisor of a home's bot, and does so again for each restart: a watchdog may have been killed, started or
 * replaced by a service since. The home has the settings as a service reads them.
 * @throws CatalystError NOT_ALLOWED where this user is not permitted to restart its service, SERVICE_MISSING
 */
export async function findSupervisor(home: Home): Promise<Supervisor> {
  let now = await currentSupervisor(home)
  return {
    get kind() {
      return now.kind
    },
    get environment() {
      return now.environment
    },
    async find() {
      const found = await currentSupervisor(home)
      if (found.kind !== now.kind) now = found
      return now.kind
    },
    async restart(refuse) {
      now = await waitForSupervisor(home, refuse)
      if (now.kind === 'none') throw supervisorMissing(home)
      await now.restart(refuse)
    },
    status: () => now.status(),
    start: () => now.start(),
    fault: () => now.fault(),
  }
}

/** Waits for a supervisor, such as a watchdog that was killed and is coming back. */
async function waitForSupervisor(home: Home, refuse: (() => void) | undefined): Promise<Supervisor> {
  const options = { intervalMs: SEARCH_INTERVAL_MS, timeoutMs: watchdogBackMs(home) }
  const found = await pollUntil(home.clock, options, async () => {
    const supervisor = await currentSupervisor(home)
    if (supervisor.kind !== 'none') return supervisor
    refuse?.()
    return undefined
  })
  return found ?? NO_SUPERVISOR
}

function supervisorMissing(home: Home): CatalystError {
  const seconds = Math.round(watchdogBackMs(home) / 1000)
  return new CatalystError(`Nothing supervises the bot any more: no watchdog has come back within ${seconds} s.`, {
    code: 'SUPERVISOR_MISSING',
    exit: EXIT.failed,
    suggestions: ['Start the watchdog, which recovers the deployment: catalyst watchdog run'],
  })
}

async function currentSupervisor(home: Home): Promise<Supervisor> {
  const services = await botServices(home.clock, home.paths, home.config)
  if (services) return supervisingService(services)
  return (await home.isHeld('watchdogLock')) ? remoteWatchdog(home) : NO_SUPERVISOR
}

/**
 * Returns the bot's service as its supervisor, once it is known that this user may restart it.
 * @throws CatalystError NOT_ALLOWED, SERVICE_MISSING
 */
export async function supervisingService(services: Services): Promise<Supervisor> {
  const { name } = await findInstalled(services, 'bot')
  await checkRights(services, name)
  return serviceSupervisor(services, { restarts: 'by its manager', name })
}

async function checkRights({ manager, paths }: Services, name: string): Promise<void> {
  if (process.platform === 'win32') {
    if ((await isElevated()) === false) throw notElevated(paths.home)
    return
  }
  if (manager.scope === 'system' && !isRoot())
    throw permissionDenied(`Only root may restart the service ${name}.`, bySudo(paths.home))
}
