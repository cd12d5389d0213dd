import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { type Action, carryOut, shownOn } from '#core/service/action.js'
import { PLATFORM, type Role, type ServiceObservation } from '#core/service/manager.js'
import { installLine, type Services } from '#core/service/services.js'
import { changesText } from './changes.js'
import { type InstallOptions, type InstallPlan, install, planInstall } from './install.js'
import {
  type OnWait,
  type OperationResult,
  restartActions,
  restartService,
  startActions,
  startService,
} from './start-stop.js'
import { pidOf } from './wait-for-service.js'

/** The decisions that only a person can make. */
export interface Questions {
  /** Asks whether to replace an entry that was edited by hand; it may also throw. */
  replace(plan: InstallPlan): Promise<boolean>
  start(name: string, how: 'start' | 'restart'): Promise<boolean>
  /** Asks whether to write WATCHDOG_ENABLED=1 into `.env`. */
  enableWatchdog(): Promise<boolean>
}

/** The result for one service. `kept`: it was edited by hand, and stays so. */
export interface InstallResult {
  readonly name: string
  readonly role: Role
  readonly installed: 'installed' | 'unchanged' | 'updated' | 'replaced' | 'kept'
  readonly started: boolean
  readonly pid: number | null
  /** The bot's health, if it was started; null if no endpoint can be asked. */
  readonly health: NonNullable<OperationResult['health']> | null
}

const DONE = { new: 'installed', unchanged: 'unchanged', outdated: 'updated', edited: 'replaced' } as const

/** Plans for these roles, the bot's first; and for the bot again if a watchdog beside it changes its entry. */
export async function planAll(
  services: Services,
  roles: readonly Role[],
  options: Omit<InstallOptions, 'watched'>,
): Promise<InstallPlan[]> {
  const installed = services.installed()
  const watched = roles.includes('watchdog') || services.isWatched()
  const isCovered = coveredBy(services, roles) !== undefined
  const affected = (['bot', 'watchdog'] as const).filter((role) =>
    role === 'bot' ? roles.includes(role) || installed.bot : roles.includes(role) && !isCovered,
  )
  const plans: InstallPlan[] = []
  for (const role of affected) {
    plans.push(await planInstall(services, role, { ...options, watched, name: plans[0]?.spec.name ?? options.name }))
  }
  return plans
}

/**
 * Returns the service of the shared watchdog that is to watch the bot, in place of the one of its own among these roles:
 * that would not be let in.
 */
export function coveredBy(services: Services, roles: readonly Role[]): string | undefined {
  const hasOwn = services.installed().watchdog !== undefined
  return roles.includes('watchdog') && !hasOwn ? services.sharedWatchdog() : undefined
}

/**
 * Returns what installing would write and run, as it would be shown; for an entry that was edited by hand also what
 * would change.
 */
export async function dryRun(
  services: Services,
  plans: readonly InstallPlan[],
  start: boolean,
  { isWatchdogWanted = hasWatchdog(plans) } = {},
): Promise<string[]> {
  const folders = new Set<string>()
  const show = (action: Action) => {
    if (action.do === 'folder' && folders.has(action.path)) return [] // an earlier step makes it
    if (action.do === 'folder') folders.add(action.path)
    return [shownOn(PLATFORM[services.manager.kind], action)]
  }
  const steps = enableSteps(services, isWatchdogWanted).flatMap(show)
  for (const plan of plans) {
    const { name } = plan.spec
    if (plan.state === 'edited')
      steps.push(
        `replace, after your confirmation, what was edited by hand in ${plan.found?.place}\n${changesText(plan.changes)}`,
      )
    const observed = await services.manager.read(name)
    const how = start ? startOrRestart(plan, observed) : undefined
    const bringUp =
      how && (how === 'start' ? startActions(services, name, observed?.state) : restartActions(services, name))
    steps.push(...[...plan.actions, ...(bringUp ?? [])].flatMap(show))
  }
  return steps
}

/**
 * Installs the plans, and starts the services if asked to. Repeating it changes nothing. A bot that does not come up
 * does not stop its watchdog's installation; the error names what failed, and what was left out because of it.
 * @throws CatalystError WATCHDOG_OFF, and those of {@link install} and {@link startService}
 */
export async function installAll(
  services: Services,
  plans: readonly InstallPlan[],
  questions: Questions,
  onWait: OnWait,
  { isWatchdogWanted = hasWatchdog(plans) } = {},
): Promise<InstallResult[]> {
  const enable = enableSteps(services, isWatchdogWanted)
  if (enable.length > 0 && !(await questions.enableWatchdog())) throw watchdogOff()
  await carryOut(enable, services.owner)
  const results: InstallResult[] = []
  const failures: CatalystError[] = []
  for (const [index, plan] of plans.entries()) {
    try {
      results.push(await installOne(services, plan, questions, onWait))
    } catch (error) {
      if (!(error instanceof CatalystError)) throw error
      failures.push(error)
      if (error.code !== 'SERVICE_NOT_RUNNING') throw partlyDone(failures, results, plans.slice(index + 1))
    }
  }
  if (failures.length > 0) throw partlyDone(failures, results, [])
  return results
}

async function installOne(
  services: Services,
  plan: InstallPlan,
  questions: Questions,
  onWait: OnWait,
): Promise<InstallResult> {
  const { role, state, spec } = plan
  const kept = state === 'edited' && !(await questions.replace(plan))
  if (!kept) await install(services, plan)
  const run = await bringUp(services, kept ? { ...plan, changes: [] } : plan, questions, onWait)
  return { name: spec.name, role, installed: kept ? 'kept' : DONE[state], ...run }
}

/**
 * Makes the error of an installation of several services, which also names those that are well, and those that were
 * left out.
 */
function partlyDone(
  failures: readonly CatalystError[],
  results: readonly InstallResult[],
  leftOut: readonly InstallPlan[],
): CatalystError {
  const [{ code, exit }] = failures as readonly [CatalystError]
  const well = results.map(({ name, pid }) => `${name} is installed${pid === null ? '' : ` and runs (pid ${pid})`}.`)
  const missing = leftOut.map(({ spec }) => `${spec.name} was not installed.`)
  const then = leftOut.map(({ role }) => `Then install what was left out: ${installLine(role)}`)
  return new CatalystError([...failures.map(({ message }) => message), ...well, ...missing].join('\n'), {
    code,
    exit,
    suggestions: [...new Set([...failures.flatMap(({ suggestions }) => suggestions), ...then])],
    cause: failures[0],
  })
}

/** Returns the actions that switch the watchdog on: one that is switched off would exit at once. */
function enableSteps({ settings, paths }: Services, isWatchdogWanted: boolean): Action[] {
  if (settings.WATCHDOG_ENABLED || !isWatchdogWanted) return []
  return [{ do: 'set', path: join(paths.home, '.env'), name: 'WATCHDOG_ENABLED', value: '1' }]
}

function hasWatchdog(plans: readonly InstallPlan[]): boolean {
  return plans.some(({ role }) => role === 'watchdog')
}

/** Returns how to bring it up: a running service goes on, unless its entry has changed. */
function startOrRestart(
  { changes }: InstallPlan,
  observed: ServiceObservation | undefined,
): 'start' | 'restart' | undefined {
  if (observed?.state !== 'running') return 'start'
  return changes.length > 0 ? 'restart' : undefined
}

/** Returns the roles whose services run, and are restarted by these plans. */
export async function rolesToRestart({ manager }: Services, plans: readonly InstallPlan[]): Promise<Role[]> {
  const roles: Role[] = []
  for (const plan of plans)
    if (startOrRestart(plan, await manager.read(plan.spec.name)) === 'restart') roles.push(plan.role)
  return roles
}

async function bringUp(services: Services, plan: InstallPlan, questions: Questions, onWait: OnWait) {
  const { name } = plan.spec
  const observed = await services.manager.read(name)
  const how = startOrRestart(plan, observed)
  if (how === undefined || !(await questions.start(name, how)))
    return { started: false, pid: pidOf(services, plan.role, observed), health: null }
  const { pid, health } = await (how === 'start' ? startService : restartService)(services, plan.role, onWait)
  return { started: true, pid, health: health ?? null }
}

function watchdogOff(): CatalystError {
  return new CatalystError('The watchdog is switched off, so its service would exit at once. Nothing was changed.', {
    code: 'WATCHDOG_OFF',
    exit: EXIT.settings,
    suggestions: ['Set WATCHDOG_ENABLED=1 in .env, or answer yes, or use --yes'],
  })
}

/**
 * Returns the roles to install: the given one; without it the bot, and with it a watchdog that is installed and
 * switched on, so that both are repaired.
 */
export function rolesToInstall(services: Services, asked: Role | undefined, withWatchdog: boolean): readonly Role[] {
  if (withWatchdog) return ['bot', 'watchdog']
  if (asked !== undefined) return [asked]
  return services.installed().watchdog && services.settings.WATCHDOG_ENABLED ? ['bot', 'watchdog'] : ['bot']
}
