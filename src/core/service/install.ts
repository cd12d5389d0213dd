import { CatalystError, EXIT } from '#core/errors.js'
import { isReadable } from '#core/system/files.js'
import { type Action, carryOut } from './action.js'
import { type Change, changesBetween } from './changes.js'
import { type FoundService, PLATFORM, type Role, type ServiceSpec } from './manager.js'
import type { Runtime } from './runtime.js'
import { findOwn, knownName, nameOf, type Services } from './services.js'
import { serviceSpec } from './spec.js'

/** What installing would do. */
export interface InstallPlan {
  readonly role: Role
  readonly spec: ServiceSpec
  readonly found: FoundService | undefined
  /** `edited`: somebody changed what we had written. `outdated`: it is as we wrote it, and the settings or node changed. */
  readonly state: 'new' | 'unchanged' | 'outdated' | 'edited'
  /** From what is there to what would be. */
  readonly changes: readonly Change[]
  readonly actions: readonly Action[]
  readonly runtime: Runtime
}

export interface InstallOptions {
  readonly runtime: Runtime
  readonly name: string | undefined
  readonly account: string | undefined
  /** Whether a password for the account was given: then it is set anew. */
  readonly withPassword?: boolean
  /** Whether the watchdog is or will be installed, too. */
  readonly watched: boolean
}

/**
 * Looks at what is there and plans the rest; nothing is changed.
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
  const wanted = manager.definition(spec)
  // written by an installation that was cut off before it was put in force
  const isHalf = found?.definition === wanted && recorded !== undefined && recorded.definition !== wanted
  const changes = found ? changesBetween(isHalf ? recorded.definition : found.definition, wanted) : []
  const automatic = found === undefined || (await manager.read(name))?.automatic !== false
  const isDue = !automatic || options.withPassword === true || isHalf
  const state = stateOf(found, { wanted, recorded: recorded?.definition, isDue })
  const actions: Action[] = [{ do: 'folder', path: paths.logs }, ...manager.install(spec, found)]
  const upkeep = manager.upkeep?.(spec) ?? []
  const all = state === 'unchanged' ? upkeep : [...actions, ...upkeep]
  return { role, spec, found, state, changes, actions: all, runtime }
}

/** `isDue`: it must be installed again, although the entry already reads as wanted. */
function stateOf(
  found: FoundService | undefined,
  { wanted, recorded, isDue }: { wanted: string; recorded: string | undefined; isDue: boolean },
): InstallPlan['state'] {
  if (found === undefined) return 'new'
  if (found.definition === wanted) return isDue ? 'outdated' : 'unchanged' // of systemd's units the order of lines counts
  return found.unfinished || found.definition === recorded ? 'outdated' : 'edited'
}

/** The service runs as the home's owner, who may not enter root's folders. */
function checkReach({ owner, asOwner }: Services, { node, cli }: Runtime): void {
  const closed = asOwner(() => [node, cli].find((path) => !isReadable(path)))
  if (closed === undefined) return
  throw new CatalystError(`${owner.name}, whose the home is, may not read ${closed}.`, {
    code: 'SERVICE_PATH_UNREADABLE',
    exit: EXIT.failed,
    suggestions: [
      'Install node and catalyst for everybody, such as below /usr/local, and install the service with those.',
    ],
  })
}

/** One service a home and role: two would fight over the bot. */
function refuseSecondName(services: Services, asked: string | undefined): void {
  const known = knownName(services)
  if (asked === undefined || known === undefined || known === asked) return
  throw new CatalystError(`This home's bot is the service ${known} already.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [
      'Keep that name: catalyst service install',
      'Or rename it: catalyst service uninstall, then install it anew with --name',
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
    const lines = missed.map(({ is, becomes }) => `- wanted ${becomes ?? 'nothing'}, but found ${is ?? 'nothing'}`)
    throw new CatalystError(`These settings of the service ${spec.name} did not take effect:\n${lines.join('\n')}`, {
      code: 'SERVICE_COMMAND_FAILED',
      exit: EXIT.failed,
      suggestions: ['Try it once more: catalyst service install'],
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
    services.journal('service.install', { name: spec.name, role, manager: manager.kind, scope: manager.scope })
}
