import { currentWait } from '#core/bot/starts/current-wait.js'
import type { Health } from '#core/health/client.js'
import { type Action, carryOut } from '#core/service/action.js'
import type { Role, ServiceState } from '#core/service/manager.js'
import { findInstalled, type Services } from '#core/service/services.js'
import { stopTimeoutMs } from '#core/service/spec.js'
import { longUp, pidOf, type Up, waitUntilDown, waitUntilUp } from './wait-for-service.js'

/** The time that a service manager needs after the stop timeout to kill it and to report so. */
const MARGIN_MS = 10_000

/** Called again and again during a wait. */
export type OnWait = () => void

/** The result of an operation. `already`: there was nothing to do. */
export interface OperationResult {
  readonly name: string
  readonly already: boolean
  /** After a stop: true if it took too long, and its manager killed it. */
  readonly killed?: boolean
  readonly pid: number | null
  /** After a start: the bot's health; null if no endpoint can be asked. */
  readonly health?: Pick<Health, 'status' | 'reasons'> | null
}

/** Returns the actions of a start. The log folder first: without it the service has no logs, or can't start. */
export function startActions({ manager, paths }: Services, name: string, state?: ServiceState): readonly Action[] {
  return [{ do: 'folder', path: paths.logs }, ...manager.start(name, { waits: state === 'restarting' })]
}

export function restartActions({ manager, paths }: Services, name: string): readonly Action[] {
  return [{ do: 'folder', path: paths.logs }, ...manager.restart(name)]
}

/**
 * Makes the manager start it, without waiting. Returns the result of {@link carryOut}.
 * @throws CatalystError SERVICE_COMMAND_FAILED, NOT_ALLOWED
 */
export function orderStart(services: Services, name: string, state?: ServiceState): Promise<string[]> {
  return carryOut(startActions(services, name, state), services.owner)
}

/**
 * Makes the manager restart it, records who asked, and doesn't wait. Returns the result of {@link carryOut}.
 * @throws CatalystError SERVICE_COMMAND_FAILED, NOT_ALLOWED
 */
export async function orderRestart(services: Services, role: Role, name: string): Promise<string[]> {
  const before = services.desiredStopAt()
  const said = await carryOut(restartActions(services, name), services.owner)
  services.record('service.restart', { name, role })
  // some managers take their time, and somebody may have stopped it meanwhile
  if (role === 'bot' && services.desiredStopAt() === before) services.desire('running')
  return said
}

export async function startService(services: Services, role: Role, onWait: OnWait): Promise<OperationResult> {
  const { name } = await findInstalled(services, role)
  const since = services.clock.now()
  const before = await services.manager.read(name)
  const already = before?.state === 'running'
  const waits = already && role === 'bot' && (await waitsForItsStart(services))
  let said: string[] = []
  if (!already) said = await orderStart(services, name, before?.state)
  if (!already || waits) services.record('service.start', { name, role }) // which a bot that waits takes as its order
  if (role === 'bot') services.desire('running')
  const long = already && !waits ? await longUp(services, role, pidOf(services, role, before)) : undefined
  const up = long ?? (await waitUntilUp(services, role, name, { before: null, since, onWait, said }))
  return { name, already, ...shown(up) }
}

/** Returns whether its bot is up, but has not started yet: see {@link currentWait}. */
async function waitsForItsStart(services: Services): Promise<boolean> {
  try {
    return currentWait(services.newestEntries(), (await services.runningBot())?.instance) !== undefined
  } catch {
    return false // it is another user's
  }
}

export async function stopService(services: Services, role: Role, onWait: OnWait): Promise<OperationResult> {
  const { name } = await findInstalled(services, role)
  const before = await services.manager.read(name)
  const already = before === undefined || before.state === 'stopped' || before.state === 'failed'
  const isNew = role === 'bot' && services.desiredStopAt() === undefined
  // first of all: a watchdog must not bring it back
  if (isNew) services.desire('stopped')
  if (!already) {
    try {
      await carryOut(services.manager.stop(name), services.owner)
    } catch (error) {
      if (isNew) services.desire('running')
      throw error
    }
    services.record('service.stop', { name, role })
    const killed = await waitUntilDown(services, name, { ms: stopMs(services), onWait })
    return { name, already, pid: null, killed }
  }
  return { name, already, pid: null }
}

export async function restartService(services: Services, role: Role, onWait: OnWait): Promise<OperationResult> {
  const { name } = await findInstalled(services, role)
  const since = services.clock.now()
  const before = pidOf(services, role, await services.manager.read(name))
  const said = await orderRestart(services, role, name)
  const startAgain = () => orderStart(services, name)
  const up = await waitUntilUp(services, role, name, { before, since, onWait, said, startAgain })
  return { name, already: false, ...shown(up) }
}

/** Returns the part of the result that is shown; the bot's figures are for `health check`. */
function shown({ pid, health }: Up): Pick<OperationResult, 'pid' | 'health'> {
  return { pid, health: health ? { status: health.status, reasons: health.reasons } : null }
}

/** Returns the time after which a stop counts as failed, in milliseconds. */
export function stopMs({ settings }: Services): number {
  return stopTimeoutMs(settings) + MARGIN_MS
}
