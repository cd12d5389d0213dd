import type { Config } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { secretForms } from '#core/config/secrets.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { openJournal } from '#core/journal/journal.js'
import { redactor } from '#core/logging/redact.js'
import { type HomePaths, homePaths } from '#core/state/home-paths.js'
import { type InstalledServices, readInstalled, writeInstalled } from '#core/state/installed.js'
import { forgetWish, wishStop } from '#core/state/wanted.js'
import type { Clock } from '#core/system/clock.js'
import { exists, isFolder, realPath } from '#core/system/files.js'
import { tell } from '#core/system/stderr.js'
import { actingAs, asker, type User } from '#core/system/users.js'
import type { FoundService, Role, ServiceManager } from './manager.js'
import { checkName, nameFor, nearestName } from './spec.js'

/** What every operation on the services of a home needs. What it writes into the home belongs to the home's owner. */
export interface Services {
  readonly clock: Clock
  readonly paths: HomePaths
  readonly settings: Settings
  readonly manager: ServiceManager
  readonly owner: User
  /** Who asked. */
  readonly by: string
  installed(): InstalledServices
  writeInstalled(services: InstalledServices): void
  journal(kind: string, details: Record<string, unknown>): void
  /** Remembers what the bot is to do, so that a watchdog knows. */
  wanted(what: 'running' | 'stopped'): void
  asOwner<T>(work: () => T): T
}

export function openServices(
  clock: Clock,
  facts: { paths: HomePaths; config: Config; manager: ServiceManager; owner: User },
): Services {
  const { paths, config, manager, owner } = facts
  const by = asker()
  const asOwner = <T>(work: () => T) => actingAs(owner, work)
  const journal = openJournal(clock, paths.journal, redactor(secretForms(config.environment)))
  return {
    clock,
    paths,
    settings: config.settings,
    manager,
    owner,
    by,
    installed: () => asOwner(() => readInstalled(paths)),
    writeInstalled: (services) => tolerant(paths.services, () => asOwner(() => writeInstalled(paths, services))),
    journal: (kind, details) => tolerant(paths.journal, () => asOwner(() => journal.append(kind, { ...details, by }))),
    wanted: (what) =>
      tolerant(paths.wanted, () =>
        asOwner(() => (what === 'running' ? forgetWish(paths) : wishStop(paths, by, clock.now()))),
      ),
    asOwner,
  }
}

/** A full or read-only disk keeps nobody from starting and stopping the service; but it is said. */
function tolerant(what: string, write: () => void): void {
  try {
    write()
  } catch (error) {
    tell(`${what} can't be written: ${messageOf(error)}`)
  }
}

/**
 * The service's name: the one it was installed under, else the one asked for, else by BOT_NAME.
 * @throws CatalystError USAGE
 */
export function nameOf(services: Services, role: Role, asked?: string): string {
  const known = services.installed()[role]?.name
  if (known !== undefined) return known
  const name = asked === undefined ? nearestName(services.settings.BOT_NAME) : checkName(asked)
  return nameFor(role, knownName(services) ?? name)
}

/** The name that the home's services go by, once one of them is installed. */
export function knownName(services: Services): string | undefined {
  const { bot, watchdog } = services.installed()
  return bot?.name ?? watchdog?.name.replace(/-watchdog$/, '')
}

/**
 * The entry of this name if it is this home's.
 * @throws CatalystError SERVICE_NAME_TAKEN for anybody else's, which is never touched
 */
export async function findOwn(services: Services, name: string): Promise<FoundService | undefined> {
  const found = await services.manager.find(name)
  if (found === undefined || isOwn(services, found)) return found
  const bot = name.replace(/-watchdog$/, '')
  throw new CatalystError(`There is a service ${name} already, and it ${whoseIs(found)}. It stays as it is.`, {
    code: 'SERVICE_NAME_TAKEN',
    exit: EXIT.failed,
    suggestions:
      services.installed().bot === undefined
        ? [`Give this one another name: catalyst service install --name ${bot}-2`]
        : [`Give both another name: catalyst service uninstall, then install them with --name ${bot}-2`],
  })
}

/**
 * Whether the entry is this home's. A home that was moved takes its service along: its own record has that very entry,
 * and where the entry says, no home has one.
 */
export function isOwn(services: Services, { home, definition }: FoundService): boolean {
  const { paths } = services
  if (home === undefined) return false
  if (home === paths.home || (isFolder(home) && realPath(home) === realPath(paths.home))) return true
  const { bot, watchdog } = services.installed()
  const isRecorded = [bot, watchdog].some((entry) => entry?.definition === definition)
  return isRecorded && !exists(homePaths(home).services)
}

export function whoseIs({ home, place }: FoundService): string {
  return `${home === undefined ? 'was not installed by catalyst' : `belongs to the home ${home}`} (${place})`
}

/**
 * The name of an installed service. One whose entry was removed by hand still counts while it runs.
 * @throws CatalystError SERVICE_MISSING, SERVICE_NAME_TAKEN
 */
export async function findInstalled(services: Services, role: Role): Promise<{ name: string }> {
  const name = nameOf(services, role)
  if (await isInstalled(services, role, name)) return { name }
  throw new CatalystError(`No service ${name} is installed for ${services.paths.home}.`, {
    code: 'SERVICE_MISSING',
    exit: EXIT.failed,
    suggestions: [`Install it: ${installLine(role)}`],
  })
}

/** Whether there is one of ours, be it that only its process is left. @throws CatalystError SERVICE_NAME_TAKEN */
export async function isInstalled(services: Services, role: Role, name: string): Promise<boolean> {
  return (await findOwn(services, name)) !== undefined || runsWithoutEntry(services, role, name)
}

/** Whether our own service goes on running though nothing is left of its entry. */
async function runsWithoutEntry(services: Services, role: Role, name: string): Promise<boolean> {
  if (services.installed()[role]?.name !== name) return false
  return (await services.manager.read(name)) !== undefined
}

/** What to type to install it, or to mend it. */
export function installLine(role: Role): string {
  return `catalyst service install${role === 'bot' ? '' : ' watchdog'}`
}
