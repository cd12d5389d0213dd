import { join } from 'node:path'
import type { Settings } from '#core/config/schema.js'
import { timings } from '#core/config/timings.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { SERVICE_NAME } from '#core/home/installed-services.js'
import { isSharedFolder } from '#core/home/shared-watchdog.js'
import { serviceLogs } from '#core/logging/service-logs.js'
import type { Role, ServiceSpec } from './manager.js'
import { pathVariable } from './runtime.js'

/** A variable in a service's environment: its name. It tells the bot that it runs as one, and us whose a service is. */
export const SERVICE_VARIABLE = 'CATALYST_SERVICE'

/** The time before the bot answers: it may wait for its port, and stop what its predecessor left. */
const BEFORE_START_MS = 30_000
/** The time after BOT_STOP_TIMEOUT in which the bot kills what is left, and closes its logs. */
export const AFTER_STOP_MS = 10_000

/** Returns the time from being asked to stop until a bot is killed, in milliseconds. */
export function stopTimeoutMs(settings: Settings): number {
  return timings(settings).stopTimeoutMs + AFTER_STOP_MS
}

/** The minimum: below it a busy machine alone would look like a freeze. */
const LEAST_WATCHDOG_MS = 2000

/** The silence of a shared watchdog that is a fault: only its event loop stands still for so long, and all homes with it. */
const SHARED_WATCHDOG_MS = 60_000

export interface SpecFacts {
  readonly name: string
  readonly paths: HomePaths
  readonly settings: Settings
  readonly platform: NodeJS.Platform
  readonly node: string
  readonly cli: string
  readonly account: string | undefined
  /** True if our watchdog is installed beside the bot: then the manager only acts if that one didn't. */
  readonly watched: boolean
}

/** Returns the intended service of this home. */
export function serviceSpec(role: Role, facts: SpecFacts): ServiceSpec {
  const { name, paths, settings, node, cli, account, platform } = facts
  const path = pathVariable({ node, cli }, platform)
  const isShared = isSharedFolder(paths.home)
  const command = role === 'bot' ? ['bot', 'start'] : ['watchdog', 'run', ...(isShared ? ['--all'] : [])]
  const [out, err] = serviceLogs(role)
  return {
    name,
    role,
    home: paths.home,
    description:
      role === 'bot'
        ? `${settings.BOT_NAME}, managed by catalyst`
        : `Watchdog of ${isShared ? 'all homes' : settings.BOT_NAME}`,
    program: node,
    args: [cli, ...command, '--home', paths.home], // bin/run.js knows exactly these words
    environment: { ...(path !== undefined && { PATH: path }), [SERVICE_VARIABLE]: name },
    account,
    stdout: join(paths.logs, out.name),
    stderr: join(paths.logs, err.name),
    restartDelayMs: timings(settings).restartDelayMs,
    startTimeoutMs: timings(settings).startTimeoutMs + BEFORE_START_MS,
    stopTimeoutMs: stopTimeoutMs(settings),
    watchdogMs: role === 'bot' ? watchdogMs(settings, facts.watched) : isShared ? SHARED_WATCHDOG_MS : undefined,
  }
}

function watchdogMs(settings: Settings, watched: boolean): number | undefined {
  if (!settings.WATCHDOG_RESTART_ON_FREEZE) return undefined
  return Math.max(LEAST_WATCHDOG_MS, timings(settings).freezeThresholdMs * (watched ? 2 : 1))
}

/** Returns the name for a role: the watchdog's service is named after the bot's. */
export function nameFor(role: Role, botName: string): string {
  return role === 'bot' ? botName : `${botName}-watchdog`
}

/** Returns the nearest name that every service manager accepts: `My Bot` becomes `My-Bot`. */
export function nearestName(text: string): string {
  if (isName(text)) return text
  const near = text
    .replace(/[^A-Za-z0-9_.-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, 64)
    .replace(/(\.service)+$/, '')
  return near || 'MyBot'
}

/**
 * Returns a name that every service manager accepts.
 * @throws CatalystError USAGE
 */
export function checkName(name: string): string {
  if (isName(name)) return name
  const allowed = '1 to 64 letters, digits, . _ -, the first a letter or a digit, and no .service at the end'
  throw new CatalystError(`${JSON.stringify(name)} can't be a service's name. It has ${allowed}.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: [`Give another one: --name ${nearestName(name)}`],
  })
}

function isName(text: string): boolean {
  return SERVICE_NAME.test(text) && !text.endsWith('.service')
}
