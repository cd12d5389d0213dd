import { type Deadline, deadline, pause } from '#bots/news/deadline.js'
import { type HttpAnswer, httpRequest, reasonOf } from '#bots/news/feed/http.js'
import type { Limits } from '#bots/news/limits.js'
import { backoffMs } from '#core/platform/backoff.js'
import type { DiscordMessage } from './discord-message.js'

export type PostResult =
  /** Sent; `waitMs` until Discord takes the next one. */
  | { readonly kind: 'sent'; readonly waitMs: number }
  /** The rate limit lasts longer than the round. */
  | { readonly kind: 'later'; readonly waitMs: number }
  /** Refused, or every try failed. The reason never holds the URL. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** The round ended or the bot stops. */
  | { readonly kind: 'stopped' }

const MAX_RATE_LIMITS = 5
const MAX_WAIT = 3_600_000

/** Posts one message to a webhook, within the round's time. Never rejects. */
export async function postMessage(
  webhook: URL,
  message: DiscordMessage,
  round: Deadline,
  limits: Limits,
): Promise<PostResult> {
  const url = new URL(webhook)
  // Without it Discord answers with success before it has checked the message.
  url.searchParams.set('wait', 'true')
  let failures = 0
  let rateLimits = 0
  for (;;) {
    const { answer, reason } = await tryOnce(url, message, round, limits)
    if (round.signal.aborted && !answer) return { kind: 'stopped' }
    if (answer && answer.status >= 200 && answer.status < 300) return { kind: 'sent', waitMs: exhausted(answer) }
    let wait: number
    if (answer?.status === 429) {
      if (++rateLimits > MAX_RATE_LIMITS) return { kind: 'failed', reason }
      wait = Math.max(retryAfter(answer), limits.pauseMs)
      if (wait >= round.left()) return { kind: 'later', waitMs: wait }
    } else {
      const passing = !answer || answer.status >= 500 || answer.status === 408
      if (!passing || ++failures >= limits.tries) return { kind: 'failed', reason }
      wait = backoffMs(failures, { firstMs: limits.pauseMs })
    }
    await pause(wait, round.signal)
    if (round.signal.aborted) return { kind: 'stopped' }
  }
}

async function tryOnce(
  url: URL,
  message: DiscordMessage,
  round: Deadline,
  limits: Limits,
): Promise<{ answer?: HttpAnswer; reason: string }> {
  const limit = deadline(round.signal, limits.webhookMs)
  try {
    const answer = await httpRequest(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'accept-encoding': 'identity', 'user-agent': 'catalyst-bot' },
      body: JSON.stringify(message),
      signal: limit.signal,
      maxBytes: 64 * 1024,
      wantsBody: (status) => status === 429,
    })
    return { answer, reason: `HTTP ${answer.status}` }
  } catch (error) {
    return { reason: reasonOf(error) }
  } finally {
    limit.end()
  }
}

/**
 * Returns the milliseconds that a 429 asks for: `retry_after` of the body, else the Retry-After header, both in
 * seconds.
 */
function retryAfter({ chunks, headers }: HttpAnswer): number {
  let inBody: unknown
  try {
    inBody = (JSON.parse(Buffer.concat(chunks).toString()) as { retry_after?: unknown } | null)?.retry_after
  } catch {
    // Discord's front door answers in HTML.
  }
  return toWait(typeof inBody === 'number' ? inBody : Number(headers['retry-after']))
}

/**
 * Returns the milliseconds to wait when this answer used up the rate limit: a further request would only bring a 429.
 */
function exhausted({ headers }: HttpAnswer): number {
  return headers['x-ratelimit-remaining'] === '0' ? toWait(Number(headers['x-ratelimit-reset-after'])) : 0
}

function toWait(seconds: number): number {
  return seconds > 0 ? Math.min(Math.ceil(seconds * 1000), MAX_WAIT) : 0
}
