import { parseSetting } from '#core/config/parse.js'
import type { SettingRule, ValuesOf } from '#core/config/rule.js'
import { NEWS_SCHEMA } from './schema.js'

export interface NewsSettings {
  readonly feeds: readonly URL[]
  /** The maximum age in milliseconds; older dated entries raise no alert. */
  readonly maxAgeMs: number
  readonly minScore: number
  /** The sender of requests, with a contact: SEC refuses requests without one. */
  readonly secUserAgent?: string
  /** The webhook; a secret: anybody who knows it can post. */
  readonly webhook?: URL
}

type Texts = Readonly<Record<string, string>>

export const DEFAULT_FEEDS = [
  'https://www.globenewswire.com/RssFeed/orgclass/1/feedTitle/GlobeNewswire%20-%20News%20about%20Public%20Companies',
  'https://www.sec.gov/cgi-bin/browse-edgar?action=getcurrent&type=8-K&company=&dateb=&owner=include&count=40&output=atom',
]

/**
 * Reads the news bot's settings from strings.
 * @throws Error that names the setting and never repeats its value, which may be a secret
 */
export function readSettings(settings: Texts): NewsSettings {
  const secUserAgent = read('SEC_USER_AGENT', settings)
  if (secUserAgent && !/^[\x20-\x7e]+$/.test(secUserAgent))
    throw new Error('SEC_USER_AGENT may hold plain ASCII characters only')
  const webhook = read('DISCORD_WEBHOOK_URL', settings)
  const listed = read('NEWS_FEEDS', settings)
  return {
    feeds: distinct(listed.length > 0 ? listed : DEFAULT_FEEDS),
    ...readThresholds(settings),
    ...(secUserAgent ? { secUserAgent } : {}),
    ...(webhook ? { webhook: new URL(webhook) } : {}),
  }
}

/** Returns the demo's settings: its own feed, no webhook, whatever else is set. Throws as {@link readSettings} does. */
export function demoSettings(settings: Texts, feed: URL): NewsSettings {
  return { feeds: [feed], ...readThresholds(settings) }
}

/** Returns whether a URL is EDGAR's, or another of sec.gov, which needs a contact in the User-Agent header. */
export function isSec(url: URL): boolean {
  return url.hostname === 'sec.gov' || url.hostname.endsWith('.sec.gov')
}

function readThresholds(settings: Texts): Pick<NewsSettings, 'maxAgeMs' | 'minScore'> {
  return {
    maxAgeMs: read('NEWS_MAX_AGE_MINUTES', settings) * 60_000,
    minScore: read('MIN_SCORE', settings),
  }
}

function distinct(addresses: readonly string[]): URL[] {
  const feeds = new Map<string, URL>()
  for (const address of addresses) {
    const url = new URL(address)
    url.hash = ''
    feeds.set(url.href, url)
  }
  return [...feeds.values()]
}

type Values = ValuesOf<typeof NEWS_SCHEMA>

function read<N extends keyof Values>(name: N, settings: Texts): Values[N] {
  const rule: SettingRule = NEWS_SCHEMA[name]
  const parsed = parseSetting(rule, settings[name]?.trim() || rule.default)
  if ('fault' in parsed) throw new Error(`${name} ${parsed.fault}`)
  return parsed.value as Values[N]
}
