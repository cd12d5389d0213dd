import { timings } from '#core/config/timings.js'
import { DeployHome } from '#core/deploy/deploy-home.js'
import { GateFailed } from '#core/deploy/gate/gate.js'
import { passGate } from '#core/deploy/gate/pass-gate.js'
import { UnexpectedExits } from '#core/deploy/gate/unexpected-exits.js'
import { CatalystError, messageOf } from '#core/errors.js'
import { waitUntilSafe } from '#core/health/announced/wait-for-safe-moment.js'
import { askHealth, type Health } from '#core/health/client.js'
import type { Role } from '#core/service/manager.js'
import { orderRestart, restartService } from '#core/service/operations/start-stop.js'
import { stopsBot } from '#core/service/operations/wait-for-bot.js'
import { waitUntilUp } from '#core/service/operations/wait-for-service.js'
import { lockServices, type Services } from '#core/service/services.js'
import { remoteWatchdog } from '#core/supervisor/remote-watchdog.js'
import { serviceSupervisor } from '#core/supervisor/service-supervisor.js'
import { upgradeStep } from './plan-upgrade.js'

/** The result for one service. `left`: it goes on with the program before; `failed`: it did not come up with this one. */
export interface ServiceUpgrade {
  readonly home: string
  readonly name: string
  readonly role: Role
  readonly outcome: 'upgraded' | 'restarted' | 'current' | 'not_running' | 'left' | 'failed'
  /** The reason, or how it is now; null where there is nothing to add. */
  readonly why: string | null
}

/** The surroundings of an upgrade. */
export interface UpgradeOptions {
  /** The command line of this program, as services name it. */
  readonly cli: string
  /** Returns whether a process runs this program already. */
  readonly isCurrent: (pid: number) => boolean
  readonly say: (text: string) => void
  readonly onWait: () => void
  /** Called for each service as soon as its result is known. */
  readonly onDone: (done: ServiceUpgrade) => void
  /** True if an update is taken back: no service that does not come up ends it. */
  readonly isBack: boolean
}

/** Returns the roles of a home whose services run this program, the bot first. */
export function rolesOf(installed: ReturnType<Services['installed']>, cli: string): Role[] {
  return (['bot', 'watchdog'] as const).filter((role) => installed[role]?.cli === cli)
}

/** Restarts the services of one home that still run the program before, one after the other. It does not throw. */
export async function upgradeHome(services: Services, options: UpgradeOptions): Promise<ServiceUpgrade[]> {
  const results: ServiceUpgrade[] = []
  for (const role of rolesOf(services.installed(), options.cli)) {
    const name = services.installed()[role]?.name ?? role
    const done = { home: services.paths.home, name, role, ...(await upgradeService(services, role, name, options)) }
    options.onDone(done)
    results.push(done)
    if (done.outcome === 'failed' && !options.isBack) break
  }
  return results
}

type Result = Pick<ServiceUpgrade, 'outcome' | 'why'>

async function upgradeService(
  services: Services,
  role: Role,
  name: string,
  { isCurrent, isBack, say, onWait }: UpgradeOptions,
): Promise<Result> {
  try {
    const observed = await services.manager.read(name)
    const before = stopsBot(services, [role]) ? await askHealth(services.paths, services.settings) : undefined
    const step = upgradeStep({
      state: observed?.state,
      isCurrent: observed?.pid != null && isCurrent(observed.pid),
      isDeploying: await services.isHeld('deployLock'),
      health: before?.status,
      isBack,
    })
    if (step.do === 'nothing') return step
    using _lock = await lockServices(services)
    if (step.do === 'restart') {
      await orderRestart(services, role, name)
      return { outcome: 'restarted', why: step.why }
    }
    if (step.do === 'wait')
      await waitUntilUp(services, role, name, { before: null, since: services.clock.now(), onWait })
    else if (before === undefined) await restartService(services, role, onWait)
    else await throughGate(services, role, { before, say, onWait })
    return { outcome: 'upgraded', why: null }
  } catch (error) {
    const why = error instanceof CatalystError ? NOT_RUNNING[error.code] : undefined
    return why === undefined ? { outcome: 'failed', why: reasonOf(error) } : { outcome: 'not_running', why }
  }
}

/** The errors after which nothing is left to be judged. */
const NOT_RUNNING: Readonly<Record<string, string>> = {
  DEPLOY_CANCELLED: 'it was stopped on purpose meanwhile',
  SERVICE_MANAGER_MISSING: 'no service manager runs here, as in a chroot',
}

function reasonOf(error: unknown): string {
  if (!(error instanceof GateFailed)) return messageOf(error)
  return [error.message, ...error.said].join('\n')
}

/**
 * Restarts the bot with its service, and waits until it works no less than `before`: the gate of a deployment. The
 * version stays the same, so that it need not prove more than that it is well.
 */
async function throughGate(
  services: Services,
  role: Role,
  { before, say, onWait }: Pick<UpgradeOptions, 'say' | 'onWait'> & { before: Health },
): Promise<void> {
  const { clock, paths, config, owner, settings } = services
  await waitUntilSafe(clock, paths, { what: 'The restart', maxMs: timings(settings).busyMaxMs, say, onWait })
  const supervisor =
    role === 'bot' ? serviceSupervisor(services, { restarts: 'by its manager' }) : remoteWatchdog(services)
  const home = new DeployHome({ clock, paths, config, owner }, supervisor)
  const release = home.activePointer()?.name ?? null
  const exits = services.asOwner(() => new UnexpectedExits(release, paths.journal))
  const since = clock.now()
  const old = services.lastBot()?.instance ?? null
  const tolerated = before.status === 'degraded' ? before.reasons : []
  const desiredStop = services.desiredStopAt() ?? null
  const { signal } = new AbortController() // an interruption leaves nothing half done: the restart is one step of its manager
  try {
    await restartService(services, role, onWait) // a program that does not even start is noticed here, at once
    await passGate(home, { release, tolerated, proofBefore: null, old, exits, since, signal, desiredStop, onWait })
  } finally {
    services.asOwner(() => exits.close())
  }
}
