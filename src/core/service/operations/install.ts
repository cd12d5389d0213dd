import { CatalystError, EXIT } from '#core/errors.js'
import { isReadable } from '#core/platform/fs/permissions.js'
import { type Action, carryOut } from '#core/service/action.js'
import { type FoundService, PLATFORM, type Role, type ServiceSpec } from '#core/service/manager.js'
import type { Runtime } from '#core/service/runtime.js'
import { findOwn, knownName, nameOf, type Services } from '#core/service/services.js'
import { serviceSpec } from '#core/service/spec.js'
import { type Change, changesBetween } from './changes.js'

/** The plan of an installation. */
export interface InstallPlan {
  readonly role: Role
  readonly spec: ServiceSpec
  readonly found: FoundService | undefined
  /**
   * The state. `edited`: somebody changed what we had written. `outdated`: it is as we wrote it, and the settings or
   * node changed.
   */
  readonly state: 'new' | 'unchanged' | 'outdated' | 'edited'
  /** The changes from the current entry to the new one. */
  readonly changes: readonly Change[]
  readonly actions: readonly Action[]
  readonly runtime: Runtime
}

export interface InstallOptions {
  readonly runtime: Runtime
  readonly name: string | undefined
  readonly account: string | undefined
  /** True if a password for the account was given: then it is set anew. */
  readonly withPassword?: boolean
  /** True if the watchdog is or will be installed, too. */
  readonly watched: boolean
}

/**
 * Reads the current state and plans the rest; nothing is changed.
 * @throws CatalystError SERVICE_NAME_TAKEN, NOT_ALLOWED, SERVICE_MANAGER_MISSING, SERVICE_HOME_UNFIT, USAGE
 */
export async function planInstall(services: Services, role: Role, options: InstallOptions): Promise<InstallPlan> {
  const { manager, paths, settings } = services
  const { runtime, watched } = options
  const recorded = services.installed()[role]
  const account = options.account ?? (manager.kind === 'nssm' ? recorded?.account : undefined)
  const name = nameOf(services, role, options.name)
  refuseSecondName(services, options.name)
  const spec = serviceSpec(role, {
    name,
    paths,
    settings,
    platform: PLATFORM[manager.kind],
    node: runtime.node,
    cli: runtime.cli,
    account,
    watched,
  })
  await manager.check(spec)
  checkReach(services, runtime)
  const found = await findOwn(services, name)
  const desired = manager.definition(spec)
  // written by an installation that was interrupted before it was put in force
  const isHalf = found?.definition === desired && recorded !== undefined && recorded.definition !== desired
  const changes = found ? changesBetween(isHalf ? recorded.definition : found.definition, desired) : []
  const automatic = found === undefined || (await manager.read(name))?.automatic !== false
  const isDue = !automatic || options.withPassword === true || isHalf
  const state = stateOf(found, { desired, recorded: recorded?.definition, isDue })
  const actions: Action[] = [{ do: 'folder', path: paths.logs }, ...manager.install(spec, found)]
  const upkeep = manager.upkeep?.(spec) ?? []
  const all = state === 'unchanged' ? upkeep : [...actions, ...upkeep]
  return { role, spec, found, state, changes, actions: all, runtime }
}

/** Returns the state of an entry. `isDue`: it must be installed again, although the entry is as desired already. */
function stateOf(
  found: FoundService | undefined,
  { desired, recorded, isDue }: { desired: string; recorded: string | undefined; isDue: boolean },
): InstallPlan['state'] {
  if (found === undefined) return 'new'
  if (found.definition === desired) return isDue ? 'outdated' : 'unchanged' // in systemd's units the order of lines matters
  return found.unfinished || found.definition === recorded ? 'outdated' : 'edited'
}

/**
 * Checks that the home's owner, as whom the service runs, can read node and catalyst: root's folders may be closed to
 * them.
 */
function checkReach({ owner, asOwner }: Services, { node, cli }: Runtime): void {
  const closed = asOwner(() => [node, cli].find((path) => !isReadable(path)))
  if (closed === undefined) return
  throw new CatalystError(`${owner.name}, the owner of the home, has no permission to read ${closed}.`, {
    code: 'SERVICE_PATH_UNREADABLE',
    exit: EXIT.failed,
    suggestions: [
      'Install node and catalyst for everybody, such as below /usr/local, and install the service with those.',
    ],
  })
}

/** Refuses a second name. A home has one service for each role: two would fight over the bot. */
function refuseSecondName(services: Services, asked: string | undefined): void {
  const known = knownName(services)
  if (asked === undefined || known === undefined || known === asked) return
  throw new CatalystError(`This home's bot is the service ${known} already.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [
      'Keep that name: catalyst service install',
      'Or rename it: catalyst service uninstall, then install it again with --name',
    ],
  })
}

/**
 * Carries the plan out, and reads everything back.
 * @throws CatalystError SERVICE_COMMAND_FAILED, NOT_ALLOWED
 */
export async function install(services: Services, plan: InstallPlan): Promise<void> {
  const { manager, clock } = services
  const { role, spec, runtime } = plan
  await carryOut(plan.actions, services.owner)
  const found = await manager.find(spec.name)
  const missed = changesBetween(found?.definition ?? '', manager.definition(spec))
  if (missed.length > 0) {
    const lines = missed.map(({ is, becomes }) => `- expected ${becomes ?? 'nothing'}, but found ${is ?? 'nothing'}`)
    throw new CatalystError(`These settings of the service ${spec.name} did not take effect:\n${lines.join('\n')}`, {
      code: 'SERVICE_COMMAND_FAILED',
      exit: EXIT.failed,
      suggestions: ['Try it again: catalyst service install'],
    })
  }
  const at = new Date(clock.now()).toISOString()
  services.writeInstalled({
    ...services.installed(),
    [role]: {
      name: spec.name,
      manager: manager.kind,
      scope: manager.scope,
      ...(spec.account !== undefined && { account: spec.account }),
      definition: manager.definition(spec),
      node: runtime.node,
      node_version: runtime.nodeVersion,
      cli: runtime.cli,
      at,
    },
  })
  if (plan.state !== 'unchanged')
    services.record('service.install', { name: spec.name, role, manager: manager.kind, scope: manager.scope })
}
