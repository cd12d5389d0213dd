import type { Settings } from '#core/config/schema.js'
import { codeOf, messageOf } from '#core/errors.js'
import { type BotFile, controlUrl, readBotFile } from '#core/home/bot-file.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { askLoopback } from '#core/platform/net/ask-loopback.js'
import type { Answer } from '#core/platform/net/http.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import { INSTANCE_HEADER } from './instance-header.js'
import type { HealthReport } from './report.js'
import { STATUSES, type Status } from './status.js'

/**
 * The bot's health, as an asker learned it. `unknown` means that it can't be told, `unreachable` that there was no
 * answer.
 */
export interface Health {
  readonly status: Status | 'unreachable' | 'unknown'
  readonly reasons: readonly string[]
  readonly report?: HealthReport
}

export const ASK_TIMEOUT_MS = 5000

/**
 * Returns the exit code of `health check`, as monitoring plug-ins have it (Monitoring Plugins Development Guidelines).
 */
export function exitCodeOf(status: Health['status']): 0 | 1 | 2 | 3 {
  switch (status) {
    case 'healthy':
      return 0
    case 'degraded':
    case 'starting':
      return 1
    case 'unhealthy':
    case 'stopping':
    case 'unreachable':
      return 2
    case 'unknown':
      return 3
  }
}

/** Asks the bot of this home, and accepts the answer of no other. */
export async function askHealth(paths: HomePaths, settings: Settings, timeoutMs = ASK_TIMEOUT_MS): Promise<Health> {
  if (!isEndpointOn(settings)) {
    return {
      status: 'unknown',
      reasons: ['the health endpoint is switched off (HEALTH_CHECK_ENABLED, FEATURE_HEALTH_ENDPOINT)'],
    }
  }
  let bot: BotFile | undefined
  try {
    bot = actingAs(ownerOf(paths.home), () => readBotFile(paths.bot))
  } catch (error) {
    return {
      status: 'unknown',
      reasons: [`${paths.bot} can't be read (${codeOf(error)}): ask as the user who runs the bot`],
    }
  }
  if (bot === undefined || !(await isRunning(bot)))
    return { status: 'unreachable', reasons: [`no bot runs in ${paths.home}`] }
  return (await askControl(bot, timeoutMs)) ?? askEndpoint(bot, settings, timeoutMs)
}

/** The path of the bot's health, below the control address. */
export const CONTROL_HEALTH = '/health'

/**
 * Asks at the bot's control address, which strangers can't find and fill as they can the endpoint. Returns undefined
 * for a bot that has none yet, or of a version that doesn't answer there.
 */
export async function askControl(bot: BotFile, timeoutMs: number): Promise<Health | undefined> {
  const url = controlUrl(bot, CONTROL_HEALTH)
  if (url === undefined) return undefined
  try {
    const answer = await askLoopback(url, timeoutMs)
    return answer.status === 404 ? undefined : await answered(bot, answer, url)
  } catch (error) {
    return { status: 'unreachable', reasons: [`the bot (pid ${bot.pid}) does not answer: ${messageOf(error)}`] }
  }
}

async function askEndpoint(bot: BotFile, settings: Settings, timeoutMs: number): Promise<Health> {
  const endpoint = bot.endpoint ?? (await endpointBySettings(bot, settings, timeoutMs))
  if (endpoint === undefined) return { status: 'starting', reasons: ['the endpoint is not listening yet'] }
  const { host, port } = endpoint
  const url = `${addressFor(host, port)}/health/detailed`
  try {
    const headers = settings.HEALTH_TOKEN ? { Authorization: `Bearer ${settings.HEALTH_TOKEN}` } : {}
    const { ask } = await import('#core/platform/net/http.js')
    return await answered(bot, await ask(url, { timeoutMs, headers, direct: true }), url)
  } catch (error) {
    return {
      status: 'unreachable',
      reasons: [`the bot (pid ${bot.pid}) does not answer on port ${port}: ${messageOf(error)}`],
    }
  }
}

/**
 * Returns the endpoint of the settings, for a bot that could not write down where it listens, as on a full disk;
 * undefined where it doesn't listen there. It is asked for ping, which needs no token: the port may be anybody's.
 */
async function endpointBySettings(
  { instance }: BotFile,
  { HEALTH_CHECK_HOST: host, HEALTH_CHECK_PORT: port }: Settings,
  timeoutMs: number,
): Promise<BotFile['endpoint']> {
  if (port === 0) return undefined
  try {
    const { ask } = await import('#core/platform/net/http.js')
    const { headers } = await ask(`${addressFor(host, port)}/health/ping`, { timeoutMs })
    return headers[INSTANCE_HEADER.toLowerCase()] === instance ? { host, port } : undefined
  } catch {
    return undefined
  }
}

/** Returns the health in an answer, if it is this bot's. */
async function answered(bot: BotFile, { headers, status, body }: Answer, url: string): Promise<Health> {
  if (headers[INSTANCE_HEADER.toLowerCase()] !== bot.instance) {
    const { nameHolder } = await import('#core/platform/net/port-holder.js')
    const port = Number(new URL(url).port)
    return {
      status: 'unreachable',
      reasons: [`port ${port} is held by ${await nameHolder(port)}, not by this home's bot (pid ${bot.pid})`],
    }
  }
  if (status === 401)
    return { status: 'unknown', reasons: ['the bot refuses our HEALTH_TOKEN: it was started with another one'] }
  const reasons = [`the endpoint's answer is not a health report (HTTP ${status})`]
  return understood(body) ?? { status: 'unknown', reasons }
}

/**
 * Asks an endpoint anywhere. An address without a path is asked for ping, which only tells good from bad. It gets no
 * token.
 */
export async function askHealthAt(address: string, timeoutMs: number): Promise<Health> {
  const url = new URL(address)
  if (url.pathname === '/') url.pathname = '/health/ping'
  try {
    const { askOutside } = await import('#core/platform/net/outbound.js')
    const answer = await askOutside(url.href, timeoutMs)
    const report = understood(answer.body)
    if (report) return report
    const words = answer.body.trim().slice(0, 200)
    if (answer.status === 200 && /^ok\b/.test(words)) return { status: 'healthy', reasons: [] }
    if (answer.status === 503)
      return { status: words === 'stopping' ? 'stopping' : 'unhealthy', reasons: [words || 'HTTP 503'] }
    return { status: 'unknown', reasons: [`HTTP ${answer.status}: not a health endpoint, or one that wants a token`] }
  } catch (error) {
    return { status: 'unreachable', reasons: [`${url.host} does not answer: ${messageOf(error)}`] }
  }
}

export function isEndpointOn(settings: Settings): boolean {
  return settings.HEALTH_CHECK_ENABLED && settings.FEATURE_HEALTH_ENDPOINT
}

/** Returns the address at which a listener is asked. */
export function addressFor(host: string, port: number): string {
  return `http://${reachable(host)}:${port}`
}

/** Returns the host to ask: loopback for a listener on all addresses. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function understood(body: string): Health | undefined {
  try {
    const report = JSON.parse(body) as HealthReport
    return (STATUSES as readonly string[]).includes(report.status)
      ? { status: report.status, reasons: wordsOf(report.reasons), report }
      : undefined
  } catch {
    return undefined
  }
}

/** Returns the reasons as texts: the answer may be anybody's. */
function wordsOf(reasons: unknown): string[] {
  return Array.isArray(reasons) ? reasons.map(String) : []
}
