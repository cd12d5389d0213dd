import { type Action, carryOut } from './action.js'
import type { Role } from './manager.js'
import { type OnWait, type Operated, stopMs } from './operate.js'
import { findOwn, nameOf, type Services } from './services.js'
import { waitUntilDown } from './up.js'

/** What removing would do. */
export async function uninstallActions(services: Services, role: Role): Promise<readonly Action[]> {
  const name = nameOf(services, role)
  const { manager } = services
  return (await findOwn(services, name)) ? [...manager.stop(name), ...manager.uninstall(name)] : []
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
