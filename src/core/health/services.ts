import { isOn } from '#core/config/parse.js'
import type { Settings } from '#core/config/schema.js'
import { messageOf } from '#core/errors.js'
import { ask } from '#core/system/http.js'

/** Something outside that the bot needs, and how to ask whether it is there. */
export interface Service {
  readonly name: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
}

const PROBE_TIMEOUT_MS = 5000

/** HEALTH_SERVICES, else those we know by the keys that are set. */
export function servicesOf(settings: Settings): Service[] {
  const named = Object.entries(settings.HEALTH_SERVICES)
  if (named.length > 0) return named.map(([name, url]) => ({ name, url, headers: {} }))
  const {
    DISCORD_WEBHOOK_URL: discord,
    TIINGO_API_KEY: tiingo,
    FINNHUB_API_KEY: finnhub,
    OLLAMA_URL: ollama,
  } = settings
  return [
    // a GET of a webhook's own address shows the webhook and posts nothing (Discord's "Get Webhook with Token")
    ...(discord ? [{ name: 'discord', url: discord, headers: {} }] : []),
    ...(tiingo
      ? [{ name: 'tiingo', url: 'https://api.tiingo.com/api/test', headers: { Authorization: `Token ${tiingo}` } }]
      : []),
    ...(finnhub
      ? [
          {
            name: 'finnhub',
            url: 'https://finnhub.io/api/v1/quote?symbol=AAPL',
            headers: { 'X-Finnhub-Token': finnhub },
          },
        ]
      : []),
    ...(ollama ? [{ name: 'ollama', url: new URL('/api/version', ollama).href, headers: {} }] : []),
  ]
}

/** Why the service is down, or undefined when it answers. The address, which may hold a key, isn't in the answer. */
export async function probe(service: Service, timeoutMs = PROBE_TIMEOUT_MS): Promise<string | undefined> {
  try {
    const { status } = await ask(service.url, { timeoutMs, headers: { ...service.headers, 'User-Agent': 'catalyst' } })
    return status >= 200 && status < 400 ? undefined : `HTTP ${status}`
  } catch (error) {
    return messageOf(error)
  }
}

/** The `FEATURE_*` flags of an environment, in lower case without their prefix. */
export function featuresOf(environment: Readonly<Record<string, string>>): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(environment)
      .filter(([name]) => /^FEATURE_\w+$/.test(name))
      .map(([name, value]) => [name.slice('FEATURE_'.length).toLowerCase(), isOn(value)]),
  )
}
