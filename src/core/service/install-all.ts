import { join } from 'node:path'
import { withSetting } from '#core/config/env-edit.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { modeOf, OWNER_ONLY, readText, writeAtomically } from '#core/system/files.js'
import { type Action, shown } from './action.js'
import { type InstallOptions, type InstallPlan, install, planInstall } from './install.js'
import type { Installation } from './installation.js'
import type { Role } from './manager.js'
import { type OnWait, restartService, startActions, startService } from './operate.js'
import type { Services } from './services.js'
import { pidOf } from './up.js'

/** What only a person can decide. */
export interface Questions {
  /** Whether to replace an entry that somebody has changed by hand; it may also throw. */
  replace(plan: InstallPlan): Promise<boolean>
  start(name: string, how: 'start' | 'restart'): Promise<boolean>
  /** Whether to write WATCHDOG_ENABLED=1 into `.env`. */
  enableWatchdog(): Promise<boolean>
}

/** What came of one service. `kept`: as somebody changed it by hand. */
export interface InstallResult {
  readonly name: string
  readonly role: Role
  readonly installed: InstallPlan['state'] | 'kept'
  readonly started: boolean
  readonly pid: number | null
}

export interface InstallAllOptions extends Omit<InstallOptions, 'watched'> {
  readonly version: string
}

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

/** What installing would write and run, as it would be shown. */
export function dryRun(services: Services, plans: readonly InstallPlan[], start: boolean): string[] {
  return plans.flatMap((plan) => {
    const actions: readonly Action[] = [...plan.actions, ...(start ? startActions(services, plan.spec.name) : [])]
    return actions.map(shown)
  })
}

/**
 * Installs what was planned, and starts it if that is wanted. Doing it again changes nothing.
 * @throws CatalystError of {@link planInstall}, {@link install} and {@link startService}
 */
export async function installAll(
  services: Services,
  plans: readonly InstallPlan[],
  options: InstallAllOptions,
  questions: Questions,
  onWait: OnWait,
): Promise<InstallResult[]> {
  if (plans.some(({ role }) => role === 'watchdog') && !services.settings.WATCHDOG_ENABLED) {
    if (!(await questions.enableWatchdog())) throw watchdogOff()
    enableWatchdog(services)
  }
  const results: InstallResult[] = []
  for (const plan of plans) {
    const kept = plan.state === 'edited' && !(await questions.replace(plan))
    if (!kept) await install(services, plan, options.version)
    const run = await bringUp(services, kept ? { ...plan, changes: [] } : plan, questions, onWait)
    results.push({ name: plan.spec.name, role: plan.role, installed: kept ? 'kept' : plan.state, ...run })
  }
  return results
}

async function bringUp(services: Services, plan: InstallPlan, questions: Questions, onWait: OnWait) {
  const { name } = plan.spec
  const reading = await services.manager.read(name)
  const runs = reading?.state === 'running'
  const before = pidOf(services, plan.role, reading)
  if (runs && plan.changes.length === 0) return { started: false, pid: before }
  if (!(await questions.start(name, runs ? 'restart' : 'start'))) return { started: false, pid: before }
  const operate = runs ? restartService : startService
  const { pid } = await operate(services, plan.role, onWait)
  return { started: true, pid }
}

function enableWatchdog({ paths, asOwner }: Services): void {
  const file = join(paths.home, '.env')
  asOwner(() =>
    writeAtomically(file, withSetting(readText(file) ?? '', 'WATCHDOG_ENABLED', '1'), modeOf(file) ?? OWNER_ONLY),
  )
}

function watchdogOff(): CatalystError {
  return new CatalystError('The watchdog is switched off, so its service would end at once. Nothing was changed.', {
    code: 'NOT_CONFIRMED',
    exit: EXIT.settings,
    suggestions: ['Set WATCHDOG_ENABLED=1 in .env, or answer yes, or use --yes'],
  })
}

/** Makes the bot's entry what it is to be after a watchdog came or went; it holds from the bot's next start on. */
export async function refreshBot(services: Services, version: string): Promise<void> {
  const { bot, watchdog } = services.installed()
  if (bot === undefined) return
  const installation: Installation = { node: bot.node, cli: bot.cli, nodeVersion: bot.node_version, warnings: [] }
  const options = { installation, name: undefined, account: bot.account, watched: watchdog !== undefined }
  const plan = await planInstall(services, 'bot', options)
  if (plan.state === 'outdated') await install(services, plan, version)
}

/**
 * Who the service runs as: on Windows whoever is named, else LocalSystem; for the machine's manager elsewhere the
 * home's owner; in a user's own manager that user.
 * @throws CatalystError USAGE
 */
export function accountFor(
  { manager, owner }: Services,
  asked: string | undefined,
): { account: string | undefined; warnings: string[] } {
  if (manager.kind === 'nssm') return { account: asked, warnings: [] }
  if (asked !== undefined) {
    throw new CatalystError('--account is for Windows: elsewhere the service runs as the owner of the home.', {
      code: 'USAGE',
      exit: EXIT.usage,
      suggestions: ['Give the home to the user it shall run as: chown -R USER HOME'],
    })
  }
  if (manager.scope === 'user') return { account: undefined, warnings: [] }
  const root = owner.uid === 0
  return {
    account: root ? undefined : owner.name,
    warnings: root ? ['the home belongs to root, so the bot runs as root'] : [],
  }
}
