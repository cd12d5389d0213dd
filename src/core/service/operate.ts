import { type Action, carryOut } from './action.js'
import type { Role } from './manager.js'
import { findInstalled, type Services } from './services.js'
import { stopTimeoutMs } from './spec.js'
import { stopWishOf } from './stop-wish.js'
import { pidOf, waitUntilDown, waitUntilUp } from './up.js'

/** After its time to end is over, a service manager needs a moment to kill it and to say so. */
const MARGIN_MS = 10_000

/** Called again and again while something is waited for. */
export type OnWait = () => void

/** What was done: `already` where there was nothing to do. */
export interface Operated {
  readonly name: string
  readonly already: boolean
  /** Of a stop: it took too long, and its manager killed it. */
  readonly killed?: boolean
  readonly pid: number | null
}

/** What starting does. The log folder first: without it the service has no logs, or can't start. */
export function startActions({ manager, paths }: Services, name: string): readonly Action[] {
  return [{ do: 'folder', path: paths.logs }, ...manager.start(name)]
}

export function restartActions({ manager, paths }: Services, name: string): readonly Action[] {
  return [{ do: 'folder', path: paths.logs }, ...manager.restart(name)]
}

/**
 * Has the manager start it, and doesn't wait. The answer is that of {@link carryOut}.
 * @throws CatalystError SERVICE_COMMAND_FAILED, NOT_ALLOWED
 */
export function orderStart(services: Services, name: string): Promise<string[]> {
  return carryOut(startActions(services, name), services.owner)
}

/**
 * Has the manager restart it, writes down who asked, and doesn't wait. The answer is that of {@link carryOut}.
 * @throws CatalystError SERVICE_COMMAND_FAILED, NOT_ALLOWED
 */
export async function orderRestart(services: Services, role: Role, name: string): Promise<string[]> {
  const before = stopWishOf(services)
  const said = await carryOut(restartActions(services, name), services.owner)
  services.journal('service.restart', { name, role })
  // some managers take their time, and somebody may have stopped it meanwhile
  if (role === 'bot' && stopWishOf(services) === before) services.wanted('running')
  return said
}

export async function startService(services: Services, role: Role, onWait: OnWait): Promise<Operated> {
  const { name } = await findInstalled(services, role)
  const before = await services.manager.read(name)
  const already = before?.state === 'running'
  let said: string[] = []
  if (!already) {
    said = await orderStart(services, name)
    services.journal('service.start', { name, role })
  }
  if (role === 'bot') services.wanted('running')
  const pid = await waitUntilUp(services, role, name, { before: null, onWait, said })
  return { name, already, pid }
}

export async function stopService(services: Services, role: Role, onWait: OnWait): Promise<Operated> {
  const { name } = await findInstalled(services, role)
  const before = await services.manager.read(name)
  const already = before === undefined || before.state === 'stopped' || before.state === 'failed'
  const isNew = role === 'bot' && stopWishOf(services) === undefined
  // first of all: whoever watches is not to bring it back
  if (isNew) services.wanted('stopped')
  if (!already) {
    try {
      await carryOut(services.manager.stop(name), services.owner)
    } catch (error) {
      if (isNew) services.wanted('running')
      throw error
    }
    services.journal('service.stop', { name, role })
    const killed = await waitUntilDown(services, name, { ms: stopMs(services), onWait })
    return { name, already, pid: null, killed }
  }
  return { name, already, pid: null }
}

export async function restartService(services: Services, role: Role, onWait: OnWait): Promise<Operated> {
  const { name } = await findInstalled(services, role)
  const before = pidOf(services, role, await services.manager.read(name))
  const said = await orderRestart(services, role, name)
  const startAgain = () => orderStart(services, name)
  const pid = await waitUntilUp(services, role, name, { before, onWait, said, startAgain })
  return { name, already: false, pid }
}

/** How long a stop may take until it counts as failed, in milliseconds. */
export function stopMs({ settings }: Services): number {
  return stopTimeoutMs(settings) + MARGIN_MS
}
