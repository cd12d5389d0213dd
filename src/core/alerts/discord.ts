import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { type Answer, ask } from '#core/platform/net/http.js'
import type { Alert, Tone } from './alert.js'

/** The body of a message, as Discord shows it. Source: Discord's documentation, 'Embed Object' and its limits. */
export interface Embed {
  readonly title: string
  readonly description: string
  readonly color: number
  readonly fields: readonly { readonly name: string; readonly value: string; readonly inline?: boolean }[]
  readonly footer: { readonly text: string }
  /** The time at which the text was made, ISO 8601: it may arrive late. */
  readonly timestamp: string
}

/** The outcome of one try to send a message. */
export type Outcome =
  /** The message was sent. `message` is its id at Discord, where that is known. */
  | { readonly kind: 'sent'; readonly message: string | undefined }
  /** The message that was to be edited is not there any more. */
  | { readonly kind: 'gone' }
  /** Too many messages were sent: the next one may go out after `retryMs`. */
  | { readonly kind: 'limited'; readonly retryMs: number }
  | { readonly kind: 'failed'; readonly why: string }
  /** Another try would not help. */
  | { readonly kind: 'refused'; readonly why: string }

const COLORS: Readonly<Record<Tone, number>> = {
  warning: 0xe6_7e_22,
  working: 0xf1_c4_0f,
  good: 0x2e_cc_71,
  bad: 0xe7_4c_3c,
}

/**
 * All texts of an embed together may have 6000 characters, which these keep to for the fields that an alert of ours
 * has.
 */
const LIMITS = { title: 256, description: 2000, name: 100, field: 1000 }
/** The limit of all texts together, as Discord counts them. */
const TOTAL = 6000
const REQUEST_MS = 10_000
/** The longest wait that a webhook can ask for. */
const LONGEST_WAIT_MS = 60 * 60_000

/** Returns the alert as Discord takes it. `at` is when it was made, in ms since 1970. */
export function embedOf(alert: Alert, at: number): Embed {
  const title = cut(alert.title, LIMITS.title)
  const description = cut(alert.description, LIMITS.description)
  const footer = { text: cut(alert.footer, LIMITS.title) }
  let left = TOTAL - title.length - description.length - footer.text.length
  const fields = alert.fields.map(fieldOf).filter(({ name, value }) => {
    left -= name.length + value.length
    return left >= 0
  })
  return { title, description, color: COLORS[alert.tone], fields, footer, timestamp: new Date(at).toISOString() }
}

function fieldOf({ name: long, value, as }: Alert['fields'][number]): Embed['fields'][number] {
  const name = cut(long, LIMITS.name)
  if (as === 'code') return { name, value: `\`\`\`\n${cut(value.replaceAll('```', "'''"), LIMITS.field)}\n\`\`\`` }
  const words = as === 'time' ? `<t:${Math.floor(Date.parse(value) / 1000)}:F>` : cut(value, LIMITS.field)
  return { name, value: words, inline: true }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

/** Tries once to send a message, or to edit the one with this id. */
export async function deliver(webhook: string, message: string | undefined, embed: Embed): Promise<Outcome> {
  let answer: Answer
  try {
    answer = await post(webhook, message, embed)
  } catch (error) {
    return { kind: 'failed', why: messageOf(error) }
  }
  const { status } = answer
  if (status >= 200 && status < 300) return { kind: 'sent', message: message ?? nameIn(answer.body) }
  if (status === 429) return { kind: 'limited', retryMs: retryAfterMs(answer) }
  if (status === 404 && message !== undefined) return { kind: 'gone' }
  return { kind: isFinal(status) ? 'refused' : 'failed', why: `HTTP ${status}` }
}

/**
 * The status codes that another try may get past: a webhook can be corrected. A text that is refused will be refused
 * again.
 */
const RETRYABLE: readonly number[] = [401, 403, 404, 407, 408, 425]

function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && !RETRYABLE.includes(status)
}

/** Sends a message, or edits the one with this id. */
function post(webhook: string, name: string | undefined, embed: Embed): Promise<Answer> {
  const url = new URL(webhook)
  if (name === undefined)
    url.searchParams.set('wait', 'true') // then the answer names the message
  else url.pathname += `/messages/${name}`
  return ask(url.href, {
    method: name === undefined ? 'POST' : 'PATCH',
    headers: { 'Content-Type': 'application/json', 'User-Agent': 'catalyst-bot' },
    body: JSON.stringify({ embeds: [embed], allowed_mentions: { parse: [] } }),
    timeoutMs: REQUEST_MS,
  })
}

/**
 * Sends one message and edits it, as an incident does.
 * @throws CatalystError ALERT_FAILED
 */
export async function tryMessages(webhook: string, first: Embed, second: Embed): Promise<void> {
  const made = await deliver(webhook, undefined, first)
  if (made.kind !== 'sent') throw failed(`The message was not taken: ${whyOf(made)}.`)
  if (made.message === undefined)
    throw failed('The message was taken, but its id was not returned: only a Discord webhook can edit its messages.')
  const edited = await deliver(webhook, made.message, second)
  if (edited.kind !== 'sent') throw failed(`The message was made, but could not be edited: ${whyOf(edited)}.`)
}

function whyOf(outcome: Exclude<Outcome, { kind: 'sent' }>): string {
  if (outcome.kind === 'gone') return 'it is not there any more'
  if (outcome.kind !== 'limited') return outcome.why
  return `too many messages; the next one may go out in ${Math.ceil(outcome.retryMs / 1000)} s`
}

function failed(message: string): CatalystError {
  return new CatalystError(message, {
    code: 'ALERT_FAILED',
    exit: EXIT.failed,
    suggestions: ["Compare ADMIN_ALERT_WEBHOOK in .env with the webhook in the channel's settings."],
  })
}

/** Returns Discord's id of the message, where the answer has one. */
function nameIn(body: string): string | undefined {
  try {
    const { id } = JSON.parse(body)
    return isMessageName(id) ? id : undefined
  } catch {
    return undefined // not Discord; then each text is a message of its own
  }
}

export function isMessageName(id: unknown): id is string {
  return typeof id === 'string' && /^\d{1,32}$/.test(id)
}

/** Returns the wait that a 429 asks for: `retry_after` in the body, else the header, both in seconds. */
function retryAfterMs({ body, headers }: Answer): number {
  let seconds = Number(headers['retry-after'])
  try {
    const asked = JSON.parse(body)?.retry_after
    if (typeof asked === 'number') seconds = asked
  } catch {
    // the front door answers in HTML
  }
  return seconds > 0 ? Math.min(LONGEST_WAIT_MS, Math.ceil(seconds * 1000)) : 0
}
