import type { Settings } from '#core/config/schema.js'
import { messageOf } from '#core/errors.js'
import { objectIn } from '#core/json.js'
import { type Answer, ask } from '#core/platform/net/http.js'
import type { Outcome } from './channel.js'

const REQUEST_MS = 10_000
/** The longest wait that a server can ask for. */
const LONGEST_WAIT_MS = 60 * 60_000

export interface Post {
  readonly url: string
  readonly method?: 'POST' | 'PATCH'
  readonly headers?: Record<string, string>
  readonly body: string
}

/** What a channel makes of the answers that are its own. */
export interface Reading {
  /** Returns what the next text of the alert needs to know, from the answer to one that was sent. */
  readonly sent: (answer: Answer) => string | undefined
  /** Returns the outcome of an answer that means more than its status says. */
  readonly special?: (answer: Answer) => Outcome | undefined
  /** The setting with the address, where only an API can be: a page that answers there has taken nothing. */
  readonly setting?: keyof Settings
  /** Returns what to do about an answer that refuses, to follow `HTTP 401: `; in full, since secrets are hidden later. */
  readonly advice: (answer: Answer) => string | undefined
}

/** Posts JSON and reads the answer as the outcome of a try. It never throws. */
export async function postJson({ url, method = 'POST', headers = {}, body }: Post, reading: Reading): Promise<Outcome> {
  try {
    const answer = await ask(url, {
      method,
      headers: { 'Content-Type': 'application/json', 'User-Agent': 'catalyst-bot', ...headers },
      body,
      timeoutMs: REQUEST_MS,
      mayBeCut: true, // a text that was taken must not be sent again for the rest of its answer
    })
    return outcomeOf(answer, reading)
  } catch (error) {
    return { kind: 'failed', why: messageOf(error) }
  }
}

function outcomeOf(answer: Answer, { sent, special, setting, advice }: Reading): Outcome {
  const known = special?.(answer)
  if (known) return known
  const { status, body } = answer
  if (status >= 200 && status < 300) {
    const isPage = setting !== undefined && /^\s*</.test(body)
    return isPage
      ? { kind: 'failed', why: `a web page answers there: check ${setting}` }
      : { kind: 'sent', message: sent(answer) }
  }
  if (status === 429) return { kind: 'limited', retryMs: retryAfterMs(answer) }
  const what = status >= 300 && status < 400 ? 'the address leads elsewhere: set the one it leads to' : advice(answer)
  return { kind: isFinal(status) ? 'refused' : 'failed', why: what ? `HTTP ${status}: ${what}` : `HTTP ${status}` }
}

/**
 * The status codes that another try may get past: a setting can be corrected. A text that is refused will be refused
 * again.
 */
const RETRYABLE: readonly number[] = [401, 403, 404, 407, 408, 410, 425]

function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && !RETRYABLE.includes(status)
}

/**
 * Returns the wait that a 429 asks for: `retry_after` in the body (Discord; Telegram has it in `parameters`), else the
 * header, both in seconds; the header may also be a date by the server's own clock (RFC 9110, section 10.2.3).
 */
export function retryAfterMs({ body, headers }: Pick<Answer, 'body' | 'headers'>): number {
  const header = headers['retry-after'] ?? ''
  const inHeader = /^\s*[\d.]+\s*$/.test(header)
    ? Number(header)
    : (Date.parse(header) - Date.parse(headers.date ?? '')) / 1000
  const answer = objectIn(body)
  const asked = answer?.retry_after ?? Object(answer?.parameters).retry_after
  const seconds = typeof asked === 'number' ? asked : inHeader
  return seconds > 0 ? Math.min(LONGEST_WAIT_MS, Math.ceil(seconds * 1000)) : 0
}
