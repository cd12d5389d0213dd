import { CatalystError, EXIT } from '#core/errors.js'
import { clearDesiredState, writeDesiredStop } from '#core/home/desired-state.js'
import { holdLock } from '#core/home/hold-lock.js'
import { Home, type HomeFacts } from '#core/home/home.js'
import { homePaths } from '#core/home/home-paths.js'
import { type InstalledServices, readInstalled, writeInstalled } from '#core/home/installed-services.js'
import type { Holder } from '#core/home/lock.js'
import { sharedServiceOf } from '#core/home/shared-watchdog.js'
import { bestEffort } from '#core/platform/best-effort.js'
import { exists, isFolder, realPath } from '#core/platform/fs/files.js'
import { tell } from '#core/platform/process/stderr.js'
import type { FoundService, Role, ServiceManager } from './manager.js'
import { checkName, nameFor, nearestName } from './spec.js'

/** A home with its services, in the manager that has or will have them. */
export class Services extends Home {
  readonly manager: ServiceManager

  constructor(facts: HomeFacts & { readonly manager: ServiceManager }) {
    super(facts)
    this.manager = facts.manager
  }

  installed(): InstalledServices {
    return this.asOwner(() => readInstalled(this.paths))
  }

  /** Returns whether a watchdog is installed for the bot: its own, or one that all homes of its owner share. */
  isWatched(): boolean {
    return this.installed().watchdog !== undefined || this.isWatchedByShared()
  }

  /** Returns whether the shared watchdog would watch the bot, where that has none of its own. */
  isWatchedByShared(): boolean {
    return this.settings.WATCHDOG_ENABLED && this.sharedWatchdog() !== undefined
  }

  /** Returns the service of the shared watchdog of the owner's homes, if that is installed. */
  sharedWatchdog(): string | undefined {
    return sharedServiceOf(this.owner)
  }

  writeInstalled(services: InstalledServices): void {
    const { paths } = this
    this.#writeOrTell(paths.services, () => writeInstalled(paths, services))
  }

  /** Adds an entry to the journal, if that can be written. */
  record(kind: string, details: Record<string, unknown>): void {
    this.#writeOrTell(this.paths.journal, () => this.journal.append(kind, details))
  }

  /** Records the desired state of the bot, so that a watchdog knows. */
  desire(what: 'running' | 'stopped'): void {
    const { paths, by, clock } = this
    this.#writeOrTell(paths.desiredState, () =>
      what === 'running' ? clearDesiredState(paths) : writeDesiredStop(paths, by, clock.now()),
    )
  }

  /** Writes without failing: a full or read-only disk must not prevent starting and stopping the service. */
  #writeOrTell(path: string, write: () => void): void {
    bestEffort(
      () => this.asOwner(write),
      (fault) => tell(`${path} can't be written: ${fault}`),
    )
  }
}

/**
 * Returns the service's name: the one it was installed under, else the given one, else by BOT_NAME.
 * @throws CatalystError USAGE
 */
export function nameOf(services: Services, role: Role, asked?: string): string {
  const known = services.installed()[role]?.name
  if (known !== undefined) return known
  const name = asked === undefined ? nearestName(services.settings.BOT_NAME) : checkName(asked)
  return nameFor(role, knownName(services) ?? name)
}

/** Returns the name of the home's services, once one of them is installed. */
export function knownName(services: Services): string | undefined {
  const { bot, watchdog } = services.installed()
  return bot?.name ?? watchdog?.name.replace(/-watchdog$/, '')
}

/**
 * Returns the entry of this name if it is this home's.
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
 * Returns whether the entry is this home's. A home that was moved takes its service along: its own record has that very
 * entry, and at the place that the entry names no home has one.
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
 * Returns the name of an installed service. One whose entry was removed by hand still counts while it runs.
 * @throws CatalystError SERVICE_MISSING, SERVICE_NAME_TAKEN
 */
export async function findInstalled(services: Services, role: Role): Promise<{ name: string }> {
  const name = nameOf(services, role)
  if (await isInstalled(services, role, name)) return { name }
  if (role === 'watchdog' && services.isWatchedByShared()) throw sharedInstead(services)
  throw new CatalystError(`No service ${name} is installed for ${services.paths.home}.`, {
    code: 'SERVICE_MISSING',
    exit: EXIT.failed,
    suggestions: [`Install it: ${installLine(role)}`],
  })
}

function sharedInstead(services: Services): CatalystError {
  const shared = services.sharedWatchdog()
  return new CatalystError(
    `${services.paths.home} has no watchdog of its own: the shared one, ${shared}, watches it.`,
    {
      code: 'SERVICE_MISSING',
      exit: EXIT.failed,
      suggestions: ['See: catalyst watchdog status --all'],
    },
  )
}

/**
 * Returns whether there is one of ours, even if only its process is left.
 * @throws CatalystError SERVICE_NAME_TAKEN
 */
export async function isInstalled(services: Services, role: Role, name: string): Promise<boolean> {
  return (await findOwn(services, name)) !== undefined || runsWithoutEntry(services, role, name)
}

/** Returns whether our own service goes on running though nothing is left of its entry. */
async function runsWithoutEntry(services: Services, role: Role, name: string): Promise<boolean> {
  if (services.installed()[role]?.name !== name) return false
  return (await services.manager.read(name)) !== undefined
}

/** Returns what to type to install or repair it. */
export function installLine(role: Role): string {
  return `catalyst service install${role === 'bot' ? '' : ' watchdog'}`
}

/**
 * Locks the services of the home to the end of the caller's scope: a simultaneous installation and removal would leave a
 * process without a supervisor. If the lock can't be written, as on a full disk, it goes on without it.
 * @throws CatalystError SERVICE_BUSY
 */
export function lockServices({ clock, paths, owner }: Services): Promise<Disposable> {
  return holdLock(clock, { path: paths.serviceLock, owner, details: {}, busy, evenUnlocked: true })
}

function busy({ pid }: Holder): CatalystError {
  return new CatalystError(`Somebody else is changing the services of this home: pid ${pid}.`, {
    code: 'SERVICE_BUSY',
    exit: EXIT.busy,
    suggestions: ['Wait until that is done, then try again.'],
  })
}
