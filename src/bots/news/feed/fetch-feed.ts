import { deadline, pause } from '#bots/news/deadline.js'
import type { Lane } from '#bots/news/lane.js'
import type { Limits } from '#bots/news/limits.js'
import { isSec } from '#bots/news/settings.js'
import { backoffMs } from '#core/platform/backoff.js'
import type { BodyRoom } from './body-room.js'
import { decodeFeed } from './decode.js'
import { type HttpAnswer, type HttpRequest, httpRequest, reasonOf } from './http.js'
import { NotAFeed, type ParsedFeed, parseFeed } from './parse-feed.js'

/** The state of a feed between rounds, in memory. */
export interface FeedMemory {
  /** The headers that make the next request conditional on the last complete answer. */
  validators?: { readonly url: string; readonly headers: Readonly<Record<string, string>> }
}

export interface FetchOptions {
  readonly memory: FeedMemory
  /** The signal of the round. */
  readonly signal: AbortSignal
  readonly limits: Limits
  /** The lane in which the feeds of a round are parsed one after the other. */
  readonly lane: Lane
  /** The memory that the bodies of a round share. */
  readonly room: BodyRoom
  readonly secUserAgent?: string | undefined
}

/** A failure that another try could fix, after `waitMs` at the earliest. */
class Transient extends Error {
  constructor(
    message: string,
    readonly waitMs = 0,
  ) {
    super(message)
  }
}

/**
 * Fetches and reads one feed: up to `limits.tries` tries, each limited to `limits.tryMs`.
 * @returns the feed, or undefined when nothing changed since the last time
 * @throws Error with a reason in a few words, without the feed's name
 */
export async function fetchFeed(feed: URL, options: FetchOptions): Promise<ParsedFeed | undefined> {
  const { limits, signal } = options
  for (let attempt = 1; ; attempt++) {
    const limit = deadline(signal, limits.tryMs)
    try {
      return await tryOnce(feed, options, limit.signal)
    } catch (error) {
      const wait =
        error instanceof Transient ? Math.max(error.waitMs, backoffMs(attempt, { firstMs: limits.pauseMs })) : Infinity
      // A server that wants a long pause gets it: the next round asks again.
      if (signal.aborted || attempt >= limits.tries || wait > limits.tryMs) throw error
      await pause(wait, signal)
    } finally {
      limit.end()
    }
  }
}

async function tryOnce(feed: URL, options: FetchOptions, signal: AbortSignal): Promise<ParsedFeed | undefined> {
  const room = options.room.enter()
  try {
    return await readOnce(feed, options, { signal, onGrow: room.grow, maxBytes: options.limits.bodyBytes })
  } finally {
    room.leave()
  }
}

type Reading = Pick<HttpRequest, 'signal' | 'onGrow' | 'maxBytes'>

async function readOnce(feed: URL, options: FetchOptions, reading: Reading): Promise<ParsedFeed | undefined> {
  const { memory, limits, lane } = options
  const { url, answer } = await followRedirects(feed, options, reading)
  if (answer.status === 304 && memory.validators?.url === url.href) return undefined
  checkStatus(answer)
  const encoding = answer.headers['content-encoding']?.trim().toLowerCase() ?? ''
  if (encoding && encoding !== 'identity') throw new Error('it is compressed, though that was not requested')
  const parsed = await lane.run(() => parse(answer))
  const cut = answer.cut ? `it is larger than ${Math.round(limits.bodyBytes / 1024)} kB` : parsed.cut
  // A truncated answer must be requested again; one that is just too large would only be too large again.
  if (parsed.brokenOff && !answer.cut) delete memory.validators
  else memory.validators = { url: url.href, headers: validatorsOf(answer) }
  return cut ? { ...parsed, cut } : parsed
}

async function followRedirects(
  feed: URL,
  options: FetchOptions,
  reading: Reading,
): Promise<{ url: URL; answer: HttpAnswer }> {
  const { limits, memory, secUserAgent } = options
  let url = feed
  for (let hop = 0; hop <= limits.redirects; hop++) {
    const known = memory.validators?.url === url.href ? memory.validators.headers : {}
    const headers = {
      accept: 'application/rss+xml, application/atom+xml, application/xml;q=0.9, */*;q=0.5',
      'accept-encoding': 'identity',
      // The contact is for SEC alone.
      'user-agent': isSec(url) && secUserAgent ? secUserAgent : 'catalyst-bot',
      ...known,
    }
    const answer = await send(url, { ...reading, headers, wantsBody: isOk })
    if (![301, 302, 303, 307, 308].includes(answer.status)) return { url, answer }
    url = redirectTarget(answer, url)
  }
  throw new Error(`more than ${limits.redirects} redirects`)
}

async function send(url: URL, request: HttpRequest): Promise<HttpAnswer> {
  try {
    return await httpRequest(url, request)
  } catch (error) {
    throw new Transient(reasonOf(error))
  }
}

function redirectTarget({ status, headers }: HttpAnswer, from: URL): URL {
  const location = headers.location ?? ''
  if (!location || !URL.canParse(location, from.href)) throw new Error(`HTTP ${status} without a Location`)
  const url = new URL(location, from)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new Error('it redirects to a URL that is not HTTP')
  url.hash = ''
  return url
}

function isOk(status: number): boolean {
  return status >= 200 && status < 300
}

function checkStatus({ status, headers }: HttpAnswer): void {
  if (isOk(status)) return
  if (status !== 408 && status !== 429 && status < 500) throw new Error(`HTTP ${status}`)
  const wait = Number(headers['retry-after'])
  throw new Transient(`HTTP ${status}`, wait > 0 ? wait * 1000 : 0)
}

function parse({ chunks, headers }: HttpAnswer): ParsedFeed {
  try {
    return parseFeed(decodeFeed(Buffer.concat(chunks), headers['content-type']))
  } catch (error) {
    if (error instanceof NotAFeed) throw error
    throw new Error(`it can't be read (${error instanceof Error ? error.message : 'unknown failure'})`)
  }
}

/** Returns the headers that can be sent back: a strange ETag must not make all further requests fail. */
function validatorsOf({ headers }: HttpAnswer): Record<string, string> {
  const result: Record<string, string> = {}
  const pairs = [
    ['if-none-match', headers.etag],
    ['if-modified-since', headers['last-modified']],
  ] as const
  for (const [name, value] of pairs) {
    if (value && /^[\x20-\x7e]{1,500}$/.test(value)) result[name] = value
  }
  return result
}
