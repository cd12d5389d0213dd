import { accountFor } from './account.js'
import { type Action, carryOut } from './action.js'
import { type InstallPlan, install, planInstall } from './install.js'
import type { Role } from './manager.js'
import { type OnWait, type Operated, stopMs } from './operate.js'
import { isInstalled, nameOf, type Services } from './services.js'
import { waitUntilDown } from './up.js'

/** What removing does: and where the watchdog alone goes, the bot's entry becomes that of one without. */
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

/** What was removed, and what became of the bot's entry where that stays. */
export interface Uninstalled {
  readonly removed: readonly Operated[]
  readonly bot?: { readonly name: string; readonly entry: 'updated' | 'kept' }
  /** What else is to be known. */
  readonly notes: readonly string[]
}

export async function uninstallAll(services: Services, roles: readonly Role[], onWait: OnWait): Promise<Uninstalled> {
  const removed: Operated[] = []
  for (const role of roles) removed.push(await uninstallService(services, role, onWait))
  const refresh = roles.includes('bot') ? undefined : await planRefresh(services)
  const notes = await notesOf(services, removed)
  if (refresh === undefined) return { removed, notes }
  const isOurs = refresh.state === 'outdated'
  if (isOurs) await install(services, refresh)
  return { removed, bot: { name: refresh.spec.name, entry: isOurs ? 'updated' : 'kept' }, notes }
}

async function notesOf({ manager, installed }: Services, removed: readonly Operated[]): Promise<string[]> {
  const notes: string[] = []
  for (const { name } of removed) {
    const left = await manager.find(name).catch(() => undefined) // it is gone as far as we can tell
    if (left?.fault) notes.push(`${name}: ${left.fault.why}. ${left.fault.wayOut}.`)
  }
  const { bot, watchdog } = installed()
  const remains = bot === undefined && watchdog === undefined ? manager.remains?.() : undefined
  if (remains !== undefined) notes.push(remains)
  if (bot === undefined && watchdog !== undefined)
    notes.push(
      `${watchdog.name} stays, and keeps the bot itself from its next start on. Remove it, too: catalyst service uninstall watchdog`,
    )
  return notes
}

/** Stops and removes the service. The home stays as it is. */
export async function uninstallService(services: Services, role: Role, onWait: OnWait): Promise<Operated> {
  const { manager } = services
  const name = nameOf(services, role)
  const found = await isInstalled(services, role, name)
  if (found) {
    await carryOut(manager.stop(name), services.owner)
    await waitUntilDown(services, name, { ms: stopMs(services), onWait })
    await carryOut(manager.uninstall(name), services.owner)
    services.journal('service.uninstall', { name, role })
  }
  if (role === 'bot') services.wanted('running') // what is started by hand from now on isn't stopped on purpose
  const { [role]: _removed, ...rest } = services.installed()
  services.writeInstalled(rest)
  return { name, already: !found, pid: null }
}

/** What the bot's entry is to become after a watchdog has gone; undefined where there is nothing to change. */
export async function planRefresh(services: Services): Promise<InstallPlan | undefined> {
  const { bot } = services.installed()
  if (bot === undefined) return undefined
  const runtime = { node: bot.node, cli: bot.cli, nodeVersion: bot.node_version, warnings: [] }
  const { account } = accountFor(services, undefined)
  const plan = await planInstall(services, 'bot', { runtime, name: undefined, account, watched: false })
  return plan.state === 'unchanged' ? undefined : plan
}
