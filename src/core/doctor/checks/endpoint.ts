import { findHomes } from '#core/condition/find-homes.js'
import { checkOf } from '#core/doctor/check.js'
import type { Context } from '#core/doctor/context.js'
import { fault, type Judged, ok, warning } from '#core/doctor/finding.js'
import { addressFor, askHealth, type Health, isEndpointOn } from '#core/health/client.js'
import { INSTANCE_HEADER } from '#core/health/instance-header.js'
import { type BotFile, readBotFile } from '#core/home/bot-file.js'
import type { DesiredState } from '#core/home/desired-state.js'
import { homePaths } from '#core/home/home-paths.js'
import { ask } from '#core/platform/net/http.js'
import { nameHolder } from '#core/platform/net/port-holder.js'
import { whyNoConnection } from '#core/platform/net/reach.js'
import type { ServiceState } from '#core/service/manager.js'
import { localTime } from '#core/text.js'

/** The limit of one request to this machine. */
const ASK_MS = 2000

/** The facts about the bot's process. */
export interface BotFacts {
  readonly bot: Pick<BotFile, 'pid' | 'release'> | undefined
  readonly stopped: Pick<DesiredState, 'by' | 'at'> | undefined
  /** Its service; undefined where none is installed. */
  readonly service: { readonly name: string; readonly state: ServiceState | 'not installed' } | undefined
  /** True while a watchdog runs, which starts a bot that has no service. */
  readonly isWatched: boolean
}

/** Judges whether the bot runs. */
export function judgeBot({ bot, stopped, service, isWatched }: BotFacts): Judged[] {
  if (bot !== undefined) return [ok(`runs (pid ${bot.pid})${bot.release === null ? '' : ` as ${bot.release}`}`)]
  if (stopped !== undefined) return [ok(`was stopped on purpose by ${stopped.by}, ${localTime(stopped.at)}`)]
  switch (service?.state) {
    case undefined:
      return [
        isWatched
          ? fault('no bot runs, though a watchdog does, which starts it', 'catalyst logs --since 15m')
          : fault('no bot runs', 'catalyst bot start'),
      ]
    case 'failed':
      return [fault(`no bot runs: the service ${service?.name} has failed`, 'catalyst service status')]
    case 'not installed':
      return [fault('no bot runs', 'catalyst service install')]
    case 'stopped':
    case 'stopping':
      return [fault(`no bot runs: the service ${service?.name} is stopped`, 'catalyst service start')]
    default:
      return [fault(`no bot runs, though its service is ${service?.state}`, 'catalyst logs --level error --since 1h')]
  }
}

export const botCheck = checkOf({
  id: 'bot',
  read: async (context): Promise<BotFacts> => {
    const { home } = context
    const bot = await context.bot()
    const stopped = home.desiredStop()
    if (bot !== undefined) return { bot, stopped, service: undefined, isWatched: false }
    return { bot, stopped, service: await serviceOf(context), isWatched: await home.isHeld('watchdogLock') }
  },
  judge: judgeBot,
})

async function serviceOf({ roles, services }: Context): Promise<BotFacts['service']> {
  if (!roles().includes('bot')) return undefined
  const opened = await services()
  const name = opened.installed().bot?.name ?? ''
  return { name, state: (await opened.manager.read(name))?.state ?? 'not installed' }
}

/** What to do about a program in the bot's place. */
const END_IT = 'end that program, or set another HEALTH_CHECK_PORT in .env'

/** The facts about the health endpoint. */
export interface EndpointFacts {
  readonly isOn: boolean
  readonly bot: Pick<BotFile, 'pid' | 'endpoint'> | undefined
  readonly health: Pick<Health, 'status' | 'reasons'>
  /** Who answers at the endpoint's address, where it is not the bot. */
  readonly stranger: string | undefined
}

/** Judges whether the endpoint answers, and whether it is that of this bot. */
export function judgeEndpoint({ isOn, bot, health, stranger }: EndpointFacts): Judged[] {
  if (!isOn)
    return [
      warning('it is switched off, so nothing outside can tell how the bot is: set HEALTH_CHECK_ENABLED=1 in .env'),
    ]
  if (bot === undefined) return [ok('not asked, since no bot runs')]
  const where = bot.endpoint && `${bot.endpoint.host} port ${bot.endpoint.port}`
  if (where !== undefined && stranger !== undefined)
    return [fault(`${where} is answered by ${stranger}, not by this home's bot (pid ${bot.pid}): ${END_IT}`)]
  const why = health.reasons.length === 0 ? '' : `: ${health.reasons.join('; ')}`
  switch (health.status) {
    case 'healthy':
      return [ok(`the bot answers${where === undefined ? '' : ` on ${where}`}, and is healthy`)]
    case 'starting':
      return [warning(`the bot is starting${why}`, 'catalyst health check --wait 60')]
    case 'degraded':
      return [warning(`the bot is degraded${why}`, 'catalyst logs --level warning --since 1h')]
    case 'unknown':
      return [warning(`the health can't be told${why}`, 'catalyst health check')]
    default:
      return [fault(`the bot is ${health.status}${why}`, 'catalyst logs --since 15m')]
  }
}

export const endpointCheck = checkOf({
  id: 'endpoint',
  read: async ({ home, bot }): Promise<EndpointFacts> => {
    const { paths, settings } = home
    const running = await bot()
    const [health, stranger] = await Promise.all([
      askHealth(paths, settings, ASK_MS),
      running?.endpoint && isEndpointOn(settings) ? strangerAt(running.endpoint, running.instance) : undefined,
    ])
    return { isOn: isEndpointOn(settings), bot: running, health, stranger }
  },
  judge: judgeEndpoint,
})

/** Returns who answers at an address that is the bot's; undefined where the bot does, or nobody. */
async function strangerAt(
  { host, port }: NonNullable<BotFile['endpoint']>,
  instance: string,
): Promise<string | undefined> {
  try {
    const { headers } = await ask(`${addressFor(host, port)}/health/ping`, { timeoutMs: ASK_MS, direct: true })
    const answered = headers[INSTANCE_HEADER.toLowerCase()]
    return answered === instance ? undefined : await nameAt(port, answered)
  } catch {
    return undefined // the bot's health says so
  }
}

/** The facts about the port of the settings. */
export interface PortFacts {
  /** The port; undefined where the endpoint is off, or takes any free one. */
  readonly port: number | undefined
  /** True where it is the running bot that has it. */
  readonly isOurs: boolean
  /** Who holds it else; undefined where it is free. */
  readonly holder: string | undefined
}

/** Judges whether the bot has its port, or could have it. */
export function judgePort({ port, isOurs, holder }: PortFacts): Judged[] {
  if (port === undefined) return [ok('no port of its own is needed')]
  if (isOurs) return [ok(`${port} is the bot's`)]
  if (holder === undefined) return [ok(`${port} is free`)]
  return [fault(`${port} is held by ${holder}: ${END_IT}`)]
}

export const portCheck = checkOf({
  id: 'port',
  read: async ({ home, bot }): Promise<PortFacts> => {
    const { HEALTH_CHECK_HOST: host, HEALTH_CHECK_PORT } = home.settings
    const port = isEndpointOn(home.settings) && HEALTH_CHECK_PORT !== 0 ? HEALTH_CHECK_PORT : undefined
    const isOurs = port !== undefined && (await bot())?.endpoint?.port === port
    return { port, isOurs, holder: port === undefined || isOurs ? undefined : await holderOf(host, port) }
  },
  judge: judgePort,
})

async function holderOf(host: string, port: number): Promise<string | undefined> {
  const address = addressFor(host, port)
  if ((await whyNoConnection(address.replace('http:', 'tcp:'), ASK_MS)) !== undefined) return undefined
  const answer = await ask(`${address}/health/ping`, { timeoutMs: ASK_MS, direct: true }).catch(() => undefined)
  return nameAt(port, answer?.headers[INSTANCE_HEADER.toLowerCase()])
}

/** Names who listens on a port: the bot of another home, if that has answered, and its program. */
async function nameAt(port: number, instance: string | string[] | undefined): Promise<string> {
  const holder = await nameHolder(port)
  if (instance === undefined) return holder
  const home = findHomes().find((one) => instanceIn(one) === instance)
  return home === undefined ? `${holder}, another bot` : `${holder}, the bot of ${home}`
}

function instanceIn(home: string): string | undefined {
  try {
    return readBotFile(homePaths(home).bot)?.instance
  } catch {
    return undefined // another user's
  }
}
