import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { type Action, carryOut, shownOn } from './action.js'
import { changesText } from './changes.js'
import { type InstallOptions, type InstallPlan, install, planInstall } from './install.js'
import { PLATFORM, type Role, type ServiceReading } from './manager.js'
import { type OnWait, restartActions, restartService, startActions, startService } from './operate.js'
import type { Services } from './services.js'
import { pidOf } from './up.js'

/** What only a person can decide. */
export interface Questions {
  /** Whether to replace an entry that was edited by hand; it may also throw. */
  replace(plan: InstallPlan): Promise<boolean>
  start(name: string, how: 'start' | 'restart'): Promise<boolean>
  /** Whether to write WATCHDOG_ENABLED=1 into `.env`. */
  enableWatchdog(): Promise<boolean>
}

/** What came of one service. `kept`: it was edited by hand, and stays so. */
export interface InstallResult {
  readonly name: string
  readonly role: Role
  readonly installed: 'installed' | 'unchanged' | 'updated' | 'replaced' | 'kept'
  readonly started: boolean
  readonly pid: number | null
}

const DONE = { new: 'installed', unchanged: 'unchanged', outdated: 'updated', edited: 'replaced' } as const

/** The plans for these roles, the bot's first; and the bot's again where a watchdog beside it changes its entry. */
export async function planAll(
  services: Services,
  roles: readonly Role[],
  options: Omit<InstallOptions, 'watched'>,
): Promise<InstallPlan[]> {
  const installed = services.installed()
  const watched = roles.includes('watchdog') || installed.watchdog !== undefined
  const affected = (['bot', 'watchdog'] as const).filter(
    (role) => roles.includes(role) || (role === 'bot' && installed.bot),
  )
  const plans: InstallPlan[] = []
  for (const role of affected) {
    plans.push(await planInstall(services, role, { ...options, watched, name: plans[0]?.spec.name ?? options.name }))
  }
  return plans
}

/** What installing would write and run, as it would be shown; an entry that was edited by hand with what would change. */
export async function dryRun(services: Services, plans: readonly InstallPlan[], start: boolean): Promise<string[]> {
  const folders = new Set<string>()
  const show = (action: Action) => {
    if (action.do === 'folder' && folders.has(action.path)) return [] // by then it is there
    if (action.do === 'folder') folders.add(action.path)
    return [shownOn(PLATFORM[services.manager.kind], action)]
  }
  const steps = enableSteps(services, plans).flatMap(show)
  for (const plan of plans) {
    const { name } = plan.spec
    if (plan.state === 'edited')
      steps.push(
        `replace, if you say yes, what was edited by hand in ${plan.found?.place}\n${changesText(plan.changes)}`,
      )
    const how = start ? toBringUp(plan, await services.manager.read(name)) : undefined
    const bringUp = how && (how === 'start' ? startActions : restartActions)(services, name)
    steps.push(...[...plan.actions, ...(bringUp ?? [])].flatMap(show))
  }
  return steps
}

/**
 * Installs what was planned, and starts it if that is wanted. Doing it again changes nothing.
 * @throws CatalystError WATCHDOG_OFF, and those of {@link install} and {@link startService}
 */
export async function installAll(
  services: Services,
  plans: readonly InstallPlan[],
  questions: Questions,
  onWait: OnWait,
): Promise<InstallResult[]> {
  const enable = enableSteps(services, plans)
  if (enable.length > 0 && !(await questions.enableWatchdog())) throw watchdogOff()
  await carryOut(enable, services.owner)
  const results: InstallResult[] = []
  for (const plan of plans) {
    const { role, state } = plan
    const kept = state === 'edited' && !(await questions.replace(plan))
    if (!kept) await install(services, plan)
    const run = await bringUp(services, kept ? { ...plan, changes: [] } : plan, questions, onWait)
    results.push({ name: plan.spec.name, role, installed: kept ? 'kept' : DONE[state], ...run })
  }
  return results
}

/** A watchdog that is switched off would end at once. */
function enableSteps({ settings, paths }: Services, plans: readonly InstallPlan[]): Action[] {
  if (settings.WATCHDOG_ENABLED || !plans.some(({ role }) => role === 'watchdog')) return []
  return [{ do: 'set', path: join(paths.home, '.env'), name: 'WATCHDOG_ENABLED', value: '1' }]
}

/** What runs goes on running, unless there is something new for it. */
function toBringUp({ changes }: InstallPlan, reading: ServiceReading | undefined): 'start' | 'restart' | undefined {
  if (reading?.state !== 'running') return 'start'
  return changes.length > 0 ? 'restart' : undefined
}

async function bringUp(services: Services, plan: InstallPlan, questions: Questions, onWait: OnWait) {
  const { name } = plan.spec
  const reading = await services.manager.read(name)
  const how = toBringUp(plan, reading)
  if (how === undefined || !(await questions.start(name, how)))
    return { started: false, pid: pidOf(services, plan.role, reading) }
  const { pid } = await (how === 'start' ? startService : restartService)(services, plan.role, onWait)
  return { started: true, pid }
}

function watchdogOff(): CatalystError {
  return new CatalystError('The watchdog is switched off, so its service would end at once. Nothing was changed.', {
    code: 'WATCHDOG_OFF',
    exit: EXIT.settings,
    suggestions: ['Set WATCHDOG_ENABLED=1 in .env, or answer yes, or use --yes'],
  })
}
