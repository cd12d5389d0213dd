import type { Config } from '#core/config/load.js'
import type { Settings } from '#core/config/schema.js'
import { secretForms } from '#core/config/secrets.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { openJournal } from '#core/journal/journal.js'
import { redactor } from '#core/logging/redact.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { type InstalledServices, readInstalled, writeInstalled } from '#core/state/installed.js'
import { isFolder, realPath } from '#core/system/files.js'
import type { System } from '#core/system/system.js'
import { actingAs, asker, type User } from '#core/system/users.js'
import type { FoundService, Role, ServiceManager } from './manager.js'
import { checkName, nameFor } from './spec.js'

/** What every operation on the services of a home needs. What it writes into the home belongs to the home's owner. */
export interface Services {
  readonly system: System
  readonly paths: HomePaths
  readonly settings: Settings
  readonly manager: ServiceManager
  readonly owner: User
  /** Who asked. */
  readonly by: string
  installed(): InstalledServices
  writeInstalled(services: InstalledServices): void
  journal(kind: string, details: Record<string, unknown>): void
  asOwner<T>(work: () => T): T
}

export function openServices(
  system: System,
  facts: { paths: HomePaths; config: Config; manager: ServiceManager; owner: User },
): Services {
  const { paths, config, manager, owner } = facts
  const by = asker()
  const asOwner = <T>(work: () => T) => actingAs(owner, work)
  const journal = openJournal(system.clock, paths.journal, redactor(secretForms(config.environment)))
  return {
    system,
    paths,
    settings: config.settings,
    manager,
    owner,
    by,
    installed: () => readInstalled(paths),
    writeInstalled: (services) => asOwner(() => writeInstalled(paths, services)),
    journal: (kind, details) => asOwner(() => journal.append(kind, { ...details, by })),
    asOwner,
  }
}

/** The service's name: the one it was installed under, else the one asked for, else by BOT_NAME. */
export function nameOf(services: Services, role: Role, asked?: string): string {
  const { bot, watchdog } = services.installed()
  const known = role === 'bot' ? bot?.name : watchdog?.name
  return known ?? nameFor(role, bot?.name ?? checkName(asked ?? services.settings.BOT_NAME))
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

/** Whether the entry is this home's. A home that was moved takes its service along. */
export function isOwn({ paths }: Services, { home }: FoundService): boolean {
  if (home === undefined) return false
  return home === paths.home || !isFolder(home) || realPath(home) === realPath(paths.home)
}

export function whoseIs({ home, place }: FoundService): string {
  return `${home === undefined ? 'was not installed by catalyst' : `belongs to the home ${home}`} (${place})`
}

/** @throws CatalystError SERVICE_MISSING */
export async function findInstalled(services: Services, role: Role): Promise<FoundService & { name: string }> {
  const name = nameOf(services, role)
  const found = await findOwn(services, name)
  if (found) return { ...found, name }
  throw new CatalystError(`No service ${name} is installed for ${services.paths.home}.`, {
    code: 'SERVICE_MISSING',
    exit: EXIT.failed,
    suggestions: [`Install it: ${installLine(role)}`],
  })
}

/** What to type to install it, or to mend it. */
export function installLine(role: Role): string {
  return `catalyst service install${role === 'bot' ? '' : ' watchdog'}`
}
