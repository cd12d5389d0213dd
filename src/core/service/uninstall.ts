import { type Action, carryOut } from './action.js'
import { refreshBot } from './install-all.js'
import type { Role } from './manager.js'
import { type OnWait, type Operated, stopMs } from './operate.js'
import { findOwn, nameOf, type Services } from './services.js'
import { waitUntilDown } from './up.js'

/** One of the services, or all of the home: the watchdog's first, which would bring the bot back. */
export function rolesToRemove(services: Services, asked: Role | undefined): readonly Role[] {
  if (asked !== undefined) return [asked]
  return services.installed().watchdog === undefined ? ['bot'] : ['watchdog', 'bot']
}

/** What removing would do. */
export async function uninstallActions(services: Services, roles: readonly Role[]): Promise<readonly Action[]> {
  const { manager } = services
  const actions: Action[] = []
  for (const role of roles) {
    const name = nameOf(services, role)
    if (await findOwn(services, name)) actions.push(...manager.stop(name), ...manager.uninstall(name))
  }
  return actions
}

/** Stops and removes services. A bot that stays behind without its watchdog gets the entry of one without. */
export async function uninstallAll(
  services: Services,
  roles: readonly Role[],
  version: string,
  onWait: OnWait,
): Promise<Operated[]> {
  const removed: Operated[] = []
  for (const role of roles) removed.push(await uninstallService(services, role, onWait))
  if (!roles.includes('bot')) await refreshBot(services, version)
  return removed
}

/** Stops and removes the service. The home stays as it is. */
export async function uninstallService(services: Services, role: Role, onWait: OnWait): Promise<Operated> {
  const { manager } = services
  const name = nameOf(services, role)
  const found = await findOwn(services, name)
  if (found) {
    await carryOut(manager.stop(name), services.owner)
    await waitUntilDown(services, name, { ms: stopMs(services), onWait })
    await carryOut(manager.uninstall(name), services.owner)
    services.journal('service.uninstall', { name, role })
  }
  const { [role]: _removed, ...rest } = services.installed()
  services.writeInstalled(rest)
  return { name, already: !found, pid: null }
}
