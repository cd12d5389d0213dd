export interface NewsSettings {
  readonly feeds: readonly URL[]
  /** Milliseconds; dated entries older than this raise no alert. */
  readonly maxAgeMs: number
  readonly minScore: number
  /** Who asks, with a contact: SEC refuses requests without one. */
  readonly secUserAgent?: string
  /** A secret: whoever knows it can post. */
  readonly webhook?: URL
}

export const DEFAULT_FEEDS = [
  'https://www.globenewswire.com/RssFeed/orgclass/1/feedTitle/GlobeNewswire%20-%20News%20about%20Public%20Companies',
  'https://www.sec.gov/cgi-bin/browse-edgar?action=getcurrent&type=8-K&company=&dateb=&owner=include&count=40&output=atom',
]

const MAX_FEEDS = 40

/**
 * Reads the news bot's settings from strings.
 * @throws Error that names the setting and never repeats its value, which may be a secret
 */
export function readSettings(settings: Readonly<Record<string, string>>): NewsSettings {
  const secUserAgent = headerValue('SEC_USER_AGENT', settings.SEC_USER_AGENT)
  const webhook = settings.DISCORD_WEBHOOK_URL?.trim()
  return {
    feeds: readFeeds(settings.NEWS_FEEDS),
    ...readThresholds(settings),
    ...(secUserAgent ? { secUserAgent } : {}),
    ...(webhook ? { webhook: httpUrl(webhook, 'DISCORD_WEBHOOK_URL is not an http(s) URL') } : {}),
  }
}

/** The demo's settings: its own feed, no webhook, whatever else is set. Throws as {@link readSettings} does. */
export function demoSettings(settings: Readonly<Record<string, string>>, feed: URL): NewsSettings {
  return { feeds: [feed], ...readThresholds(settings) }
}

/** EDGAR and everything else of sec.gov wants a contact in the User-Agent header. */
export function isSec(url: URL): boolean {
  return url.hostname === 'sec.gov' || url.hostname.endsWith('.sec.gov')
}

function readThresholds(settings: Readonly<Record<string, string>>): Pick<NewsSettings, 'maxAgeMs' | 'minScore'> {
  return {
    maxAgeMs: readNumber('NEWS_MAX_AGE_MINUTES', settings.NEWS_MAX_AGE_MINUTES, 480, 0) * 60_000,
    minScore: readNumber('MIN_SCORE', settings.MIN_SCORE, 1, Number.NEGATIVE_INFINITY),
  }
}

function readFeeds(value: string | undefined): URL[] {
  const listed = (value ?? '').split(',').flatMap((part) => part.trim() || [])
  const feeds = new Map<string, URL>()
  for (const [index, text] of (listed.length > 0 ? listed : DEFAULT_FEEDS).entries()) {
    const url = httpUrl(
      text,
      `NEWS_FEEDS: entry ${index + 1} is not an http(s) URL (a comma inside one is written %2C)`,
    )
    url.hash = ''
    feeds.set(url.href, url)
  }
  if (feeds.size > MAX_FEEDS) throw new Error(`NEWS_FEEDS: at most ${MAX_FEEDS} feeds, not ${feeds.size}`)
  return [...feeds.values()]
}

function readNumber(name: string, value: string | undefined, fallback: number, least: number): number {
  if (!value?.trim()) return fallback
  const number = Number(value)
  if (!Number.isFinite(number)) throw new Error(`${name} is not a number`)
  if (number < least) throw new Error(`${name} must be at least ${least}`)
  return number
}

function headerValue(name: string, value: string | undefined): string | undefined {
  const text = value?.trim()
  if (text && !/^[\x20-\x7e]+$/.test(text)) throw new Error(`${name} may hold plain ASCII characters only`)
  return text
}

function httpUrl(text: string, problem: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new Error(problem)
  return url
}
