import { type Action, carryOut } from '#core/service/action.js'
import type { Role } from '#core/service/manager.js'
import { isInstalled, nameOf, type Services } from '#core/service/services.js'
import { accountFor } from './account.js'
import { type InstallPlan, install, planInstall } from './install.js'
import { type OnWait, type OperationResult, stopMs } from './start-stop.js'
import { waitUntilDown } from './wait-for-service.js'

/** Returns the actions of a removal; if the watchdog alone goes, the bot's entry is updated. */
export async function uninstallActions(services: Services, roles: readonly Role[]): Promise<readonly Action[]> {
  const { manager } = services
  const actions: Action[] = []
  for (const role of roles) {
    const name = nameOf(services, role)
    if (await isInstalled(services, role, name)) actions.push(...manager.stop(name), ...manager.uninstall(name))
  }
  const refresh = roles.includes('bot') ? undefined : await planRefresh(services)
  return refresh?.state === 'outdated' ? [...actions, ...refresh.actions] : actions
}

/** The removed services, and what became of the bot's entry if that stays. */
export interface Uninstalled {
  readonly removed: readonly OperationResult[]
  readonly bot?: { readonly name: string; readonly entry: 'updated' | 'kept' }
  /** Further notes for the person. */
  readonly notes: readonly string[]
}

export async function uninstallAll(services: Services, roles: readonly Role[], onWait: OnWait): Promise<Uninstalled> {
  const removed: OperationResult[] = []
  for (const role of roles) removed.push(await uninstallService(services, role, onWait))
  const refresh = roles.includes('bot') ? undefined : await planRefresh(services)
  const notes = await notesOf(services, removed)
  if (refresh === undefined) return { removed, notes }
  const isOurs = refresh.state === 'outdated'
  if (isOurs) await install(services, refresh)
  return { removed, bot: { name: refresh.spec.name, entry: isOurs ? 'updated' : 'kept' }, notes }
}

async function notesOf(services: Services, removed: readonly OperationResult[]): Promise<string[]> {
  const { manager } = services
  const notes: string[] = []
  for (const { name } of removed) {
    const left = await manager.find(name).catch(() => undefined) // it is gone as far as we can tell
    if (left?.fault) notes.push(`${name}: ${left.fault.why}. ${left.fault.remedy}.`)
  }
  const { bot, watchdog } = services.installed()
  const shared = services.isWatchedByShared() ? services.sharedWatchdog() : undefined
  const remains = bot === undefined && watchdog === undefined ? manager.remains?.() : undefined
  if (remains !== undefined) notes.push(remains)
  if (bot === undefined && watchdog !== undefined)
    notes.push(
      `${watchdog.name} stays, and supervises the bot itself after its next start. Remove it, too: catalyst service uninstall watchdog`,
    )
  if (shared !== undefined && watchdog === undefined)
    notes.push(
      bot === undefined
        ? `The shared watchdog ${shared} supervises the bot itself from now on, and starts it. To prevent that: WATCHDOG_ENABLED=0 in .env`
        : `The shared watchdog ${shared} watches the bot from now on.`,
    )
  return notes
}

/** Stops and removes the service. The home stays as it is. */
export async function uninstallService(services: Services, role: Role, onWait: OnWait): Promise<OperationResult> {
  const { manager } = services
  const name = nameOf(services, role)
  const found = await isInstalled(services, role, name)
  if (found) {
    await carryOut(manager.stop(name), services.owner)
    await waitUntilDown(services, name, { ms: stopMs(services), onWait })
    await carryOut(manager.uninstall(name), services.owner)
    services.record('service.uninstall', { name, role })
  }
  if (role === 'bot') services.desire('running') // a bot started by hand from now on isn't stopped on purpose
  const { [role]: _removed, ...rest } = services.installed()
  services.writeInstalled(rest)
  return { name, already: !found, pid: null }
}

/**
 * Plans the bot's entry after a watchdog of its own has gone, or a shared one has come or gone; returns undefined if there
 * is nothing to change.
 */
export async function planRefresh(services: Services): Promise<InstallPlan | undefined> {
  const { bot } = services.installed()
  if (bot === undefined) return undefined
  const runtime = { node: bot.node, cli: bot.cli, nodeVersion: bot.node_version, warnings: [] }
  const { account } = accountFor(services, undefined)
  const watched = services.isWatchedByShared()
  const plan = await planInstall(services, 'bot', { runtime, name: undefined, account, watched })
  return plan.state === 'unchanged' ? undefined : plan
}

/**
 * Returns the roles to remove: the given one, or all of the home: the watchdog's first, which would restart the bot.
 */
export function rolesToRemove(services: Services, asked: Role | undefined): readonly Role[] {
  if (asked !== undefined) return [asked]
  return services.installed().watchdog === undefined ? ['bot'] : ['watchdog', 'bot']
}
