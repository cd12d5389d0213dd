import type { Settings } from '#core/config/schema.js'
import { codeOf, messageOf } from '#core/errors.js'
import { type BotFile, readBotFile } from '#core/state/bot-file.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { ask } from '#core/system/http.js'
import { askOutside } from '#core/system/outbound.js'
import { nameHolder } from '#core/system/port-holder.js'
import { isRunning } from '#core/system/processes.js'
import { actingAs, ownerOf } from '#core/system/users.js'
import { INSTANCE_HEADER } from './instance-header.js'
import type { HealthReport } from './report.js'
import { STATUSES, type Status } from './status.js'

/** What an asker learned. `unknown` means that it could not tell, `unreachable` that there was no answer. */
export interface Health {
  readonly status: Status | 'unreachable' | 'unknown'
  readonly reasons: readonly string[]
  readonly report?: HealthReport
}

export const ASK_TIMEOUT_MS = 5000

/** Exit codes of `health check`, as monitoring plug-ins have them (Monitoring Plugins Development Guidelines). */
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

/** Asks the bot of this home, and takes the answer of no other. */
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
  if (bot.endpoint === undefined) return { status: 'starting', reasons: ['the endpoint is not listening yet'] }
  const { port } = bot.endpoint
  const url = `http://${reachable(bot.endpoint.host)}:${port}/health/detailed`
  try {
    const headers = settings.HEALTH_TOKEN ? { Authorization: `Bearer ${settings.HEALTH_TOKEN}` } : {}
    const answer = await ask(url, { timeoutMs, headers })
    if (answer.headers[INSTANCE_HEADER.toLowerCase()] !== bot.instance) {
      return {
        status: 'unreachable',
        reasons: [`port ${port} is held by ${await nameHolder(port)}, not by this home's bot (pid ${bot.pid})`],
      }
    }
    if (answer.status === 401)
      return { status: 'unknown', reasons: ['the bot refuses our HEALTH_TOKEN: it was started with another one'] }
    return (
      understood(answer.body) ?? {
        status: 'unknown',
        reasons: [`the endpoint's answer is not a health report (HTTP ${answer.status})`],
      }
    )
  } catch (error) {
    return {
      status: 'unreachable',
      reasons: [`the bot (pid ${bot.pid}) does not answer on port ${port}: ${messageOf(error)}`],
    }
  }
}

/** Asks an endpoint anywhere. An address without a path is asked for ping, which only tells good from bad. No token goes there. */
export async function askHealthAt(address: string, timeoutMs: number): Promise<Health> {
  const url = new URL(address)
  if (url.pathname === '/') url.pathname = '/health/ping'
  try {
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

/** A listener on all addresses is asked on loopback. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function understood(body: string): Health | undefined {
  try {
    const report = JSON.parse(body) as HealthReport
    return (STATUSES as readonly string[]).includes(report.status)
      ? { status: report.status, reasons: report.reasons ?? [], report }
      : undefined
  } catch {
    return undefined
  }
}
