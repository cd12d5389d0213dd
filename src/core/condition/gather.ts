import { backupFacts } from '#core/backup/backup-facts.js'
import { currentWait } from '#core/bot/starts/current-wait.js'
import { readConfig } from '#core/config/load.js'
import { versionsOf } from '#core/deploy/versions.js'
import { type CatalystError, codeOf, messageOf } from '#core/errors.js'
import { askHealth, type Health } from '#core/health/client.js'
import type { BotFile } from '#core/home/bot-file.js'
import type { Home } from '#core/home/home.js'
import { readInstalled } from '#core/home/installed-services.js'
import { isExit } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { within } from '#core/platform/clock.js'
import { readText } from '#core/platform/fs/files.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { currentUser } from '#core/platform/process/users.js'
import type { Role } from '#core/service/manager.js'
import { servicesOfHome } from '#core/service/open-services.js'
import { sudoLine } from '#core/service/rights.js'
import type { Services } from '#core/service/services.js'
import { lastExit } from '#core/service/status/last-exit.js'
import { type ServiceStatus, serviceStatus } from '#core/service/status/status.js'
import { type WatchdogStatus, watchdogStatus } from '#core/watchdog/status.js'
import type { Condition, LastSeenExit, Missing, Part } from './condition.js'
import { nextCommand } from './next-command.js'
import { eventsOf, failingAlerts, healthOf, releaseFacts, serviceFacts, watchdogFacts, workOf } from './parts.js'

/** The time after which a part that gives no answer, such as a silent service manager, is left out. */
const PART_TIMEOUT_MS = 6000

/**
 * Gathers how a bot is, with all that surrounds it. All parts are asked at once, and one that can't be had takes nothing
 * away from the others. The home has the settings with those of its bot.
 */
export async function gather(home: Home): Promise<Condition> {
  const { clock, paths, settings, config } = home
  const now = clock.now()
  const missing: Missing[] = []
  const part = async <T>(name: Part, read: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      const found = await within(
        clock,
        PART_TIMEOUT_MS,
        Promise.resolve(read()).then((value) => ({ value })),
      )
      if (found !== undefined) return found.value
      missing.push({ part: name, why: `no answer within ${PART_TIMEOUT_MS / 1000} s`, not_permitted: false })
    } catch (error) {
      missing.push({ part: name, why: whyMissing(error), not_permitted: isNotPermitted(error) })
    }
    return undefined
  }
  const entries = part('events', () => home.recentEntries()) // no part needs the exits of long ago
  const [journal, health = UNKNOWN, found, services, watchdog, versions, backups = null] = await Promise.all([
    entries,
    part('health', () => healthFor(home)),
    part('process', () => processOf(home)),
    part('services', () => statusOfServices(home)),
    part('watchdog', () => watchdogOf(home, now)),
    part('release', async () => versionsOf(home, (await entries) ?? [])),
    part('backups', () => home.asOwner(() => backupFacts(paths, settings, now))),
  ])
  const known = journal ?? []
  const bot = found?.bot
  const service = services?.find(({ role }) => role === 'bot')
  const exit = bot === undefined ? (service?.last_end ?? exitOf(known, found?.killed)) : null
  const desiredStop = await part('process', () => home.desiredStop())
  const situation = {
    time: new Date(now).toISOString(),
    home: paths.home,
    name: settings.BOT_NAME,
    health: healthOf(health, { exit, incident: watchdog?.incident ?? null }),
    settings_faults: config.faults,
    process: bot === undefined ? null : { pid: bot.pid, since: bot.since, release: bot.release },
    work: health.report === undefined ? null : workOf(health.report),
    waits: currentWait(known, bot?.instance) ?? null,
    stopped_by: desiredStop === undefined ? null : { by: desiredStop.by, at: desiredStop.at },
    last_exit: exit,
    services: services?.map(serviceFacts) ?? null,
    watchdog: watchdog === undefined ? null : watchdogFacts(watchdog),
    paused: watchdog?.paused ?? null,
    release: versions === undefined ? null : releaseFacts(versions),
    backups,
    failing_alerts: failingAlertsOf(watchdog),
    events: journal === undefined ? null : eventsOf(journal),
    missing: onlyOnce(missing),
  }
  return { ...situation, next: nextCommand(situation, askAsOwner(home)) ?? null }
}

/** Returns the watchdog's status. Settings that can't be read would tell another budget than its own. */
export function watchdogOf({ paths, settings, asOwner }: Home, now: number): Promise<WatchdogStatus> {
  asOwner(() => readText(paths.env))
  return watchdogStatus(paths, settings, now)
}

/** Returns the bot that runs; else the one that has left its record behind, since it was killed. */
export async function processOf(home: Home): Promise<{ bot?: BotFile; killed?: BotFile }> {
  const last = home.lastBot()
  if (last === undefined) return {}
  return (await isRunning(last)) ? { bot: last } : { killed: last }
}

/** Returns the last exit. One that was killed is no part of the journal until the next bot starts. */
function exitOf(entries: readonly JournalEntry[], killed: BotFile | undefined): LastSeenExit | null {
  const last = entries.findLast(({ instance }) => instance === killed?.instance)
  const isUnseen = killed !== undefined && !(last !== undefined && isExit(last))
  return isUnseen ? { at: null, kind: 'killed', exit: null } : lastExit(entries)
}

const UNKNOWN: Health = { status: 'unknown', reasons: [] }

/** Asks for the health as `health check` does. */
export async function healthFor({ paths, settings, config }: Home): Promise<Health> {
  return config.faults.length > 0 ? { status: 'unknown', reasons: config.faults } : askHealth(paths, settings)
}

/**
 * Returns the status of the installed services as `service status` does. Without any no manager is asked: that takes
 * longer than all the rest.
 */
async function statusOfServices(home: Home): Promise<ServiceStatus[]> {
  const roles = installedRoles(home)
  if (roles.length === 0) return []
  const services = await servicesAsInstalled(home)
  return Promise.all(roles.map((role) => serviceStatus(services, role)))
}

/** Returns the roles whose services this home has installed. */
export function installedRoles({ paths, asOwner }: Home): Role[] {
  const installed = asOwner(() => readInstalled(paths))
  return (['bot', 'watchdog'] as const).filter((role) => installed[role] !== undefined)
}

/** Opens the services with the settings of the home alone: a service sees nothing of this terminal. */
export function servicesAsInstalled({ clock, paths, asOwner }: Home): Promise<Services> {
  const config = asOwner(() => readConfig(paths.home, { NSSM_PATH: process.env.NSSM_PATH }))
  return servicesOfHome(clock, paths, config)
}

function failingAlertsOf(watchdog: WatchdogStatus | undefined): Condition['failing_alerts'] {
  return watchdog?.alerts ? failingAlerts(watchdog.alerts) : null
}

/** Returns the line with which the owner of the home would ask; undefined for the owner. */
export function askAsOwner({ owner, paths }: Home): string | undefined {
  return owner.uid === currentUser().uid ? undefined : sudoLine(paths.home, { as: owner.name })
}

const NO_RIGHT: readonly (string | undefined)[] = ['EACCES', 'EPERM', 'NOT_ALLOWED' satisfies CatalystError['code']]

export function isNotPermitted(error: unknown): boolean {
  return NO_RIGHT.includes(codeOf(error))
}

/** Returns why something could not be read, for a person. */
export function whyMissing(error: unknown): string {
  const { path } = error as { path?: unknown }
  const isBare = isNotPermitted(error) && typeof path === 'string'
  return isBare ? `reading ${path} is not permitted` : messageOf(error).replace(/\.$/, '')
}

/** Returns each part once: one that is read twice has the same reason twice. */
function onlyOnce(missing: readonly Missing[]): Missing[] {
  return missing.filter(({ part }, index) => missing.findIndex((one) => one.part === part) === index)
}
