import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { type Clock, sleep } from '#core/system/clock.js'
import { type Answer, ask } from '#core/system/http.js'
import type { Embed } from './embed.js'

/** What the webhook calls the messages that went out, by the incident's id. */
export type MessageIds = Readonly<Record<string, string>>

export interface AdminMessagesOptions {
  /** A Discord webhook; undefined: nobody is told, the log has it all. */
  readonly webhook: string | undefined
  readonly known: MessageIds
  /** Told when a message has got its name, to be remembered across restarts. */
  readonly onSent: (known: MessageIds) => void
  /** Told once why messages don't go out, and once that they do again. */
  readonly onFault: (why: string | undefined) => void
}

const REQUEST_MS = 10_000
/** A rate limit that is worth a word. */
const LONG_WAIT_MS = 60_000
/** Whatever a webhook asks for, it is tried again after this. */
const LONGEST_WAIT_MS = 60 * 60_000
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 5 * 60_000
/** Incidents whose messages may still be edited. */
const REMEMBERED = 20

/**
 * The admin's messages on a Discord webhook: one an incident, edited as it goes on. Nobody waits for them: they go out
 * in the background, one after the other, and of one that couldn't go out yet only the newest text is kept.
 */
export class AdminMessages {
  readonly #clock: Clock
  readonly #options: AdminMessagesOptions
  readonly #waiting = new Map<string, Embed>()
  readonly #end = new AbortController()
  #known: MessageIds
  #sending: Promise<void> | undefined
  #isFaulty = false

  constructor(clock: Clock, options: AdminMessagesOptions) {
    this.#clock = clock
    this.#options = options
    this.#known = options.known
  }

  /** Makes the message of this incident, or edits it. */
  show(id: string, embed: Embed): void {
    if (this.#options.webhook === undefined) return
    this.#waiting.set(id, embed)
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  /** Resolves when all has gone out, or was given up. */
  async sent(): Promise<void> {
    await this.#sending
  }

  /** Gives up what has not gone out. */
  close(): void {
    this.#end.abort()
  }

  async #sendAll(): Promise<void> {
    let pause = FIRST_PAUSE_MS
    while (this.#waiting.size > 0 && !this.#end.signal.aborted) {
      const [id, embed] = this.#waiting.entries().next().value as [string, Embed]
      const outcome = await this.#send(id, embed)
      this.#tellFault(outcome.fault)
      if (outcome.retryMs === undefined) {
        if (this.#waiting.get(id) === embed) this.#waiting.delete(id)
        pause = FIRST_PAUSE_MS
        continue
      }
      await sleep(this.#clock, Math.max(pause, outcome.retryMs), this.#end.signal)
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
    }
  }

  /** Sends it once. Without `retryMs` it has gone out, or another try would be of no use. */
  async #send(id: string, embed: Embed): Promise<{ fault?: string; retryMs?: number }> {
    const name = this.#known[id]
    try {
      const answer = await post(this.#options.webhook as string, name, embed)
      if (answer.status === 429) {
        const retryMs = retryAfterMs(answer)
        return retryMs > LONG_WAIT_MS
          ? { retryMs, fault: `too many messages, the next in ${retryMs / 1000} s` }
          : { retryMs }
      }
      if (answer.status === 404 && name !== undefined) {
        this.#forget(id) // somebody has deleted the message
        return { retryMs: 0 }
      }
      if (answer.status >= 500) return { fault: `HTTP ${answer.status}`, retryMs: 0 }
      if (answer.status >= 300) return { fault: `HTTP ${answer.status}` }
      if (name === undefined) this.#remember(id, answer)
      return {}
    } catch (error) {
      return { fault: messageOf(error), retryMs: 0 }
    }
  }

  #remember(id: string, { body }: Answer): void {
    const name = nameIn(body)
    if (name === undefined) return
    const latest = Object.entries({ ...this.#known, [id]: name }).slice(-REMEMBERED)
    this.#known = Object.fromEntries(latest)
    this.#options.onSent(this.#known)
  }

  #forget(id: string): void {
    const { [id]: _gone, ...rest } = this.#known
    this.#known = rest
    this.#options.onSent(rest)
  }

  #tellFault(fault: string | undefined): void {
    if ((fault !== undefined) === this.#isFaulty) return
    this.#isFaulty = fault !== undefined
    this.#options.onFault(fault)
  }
}

/** Makes a message, or edits the one of this name. */
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
 * Makes one message and edits it, as an incident does.
 * @throws CatalystError ALERT_FAILED
 */
export async function tryMessages(webhook: string, first: Embed, second: Embed): Promise<void> {
  const made = await answered(() => post(webhook, undefined, first), 'The message was not taken')
  const name = nameIn(made.body)
  if (name === undefined)
    throw failed('The message was taken, but its name was not told: only a Discord webhook can edit its messages.')
  await answered(() => post(webhook, name, second), 'The message was made, but could not be edited')
}

async function answered(request: () => Promise<Answer>, otherwise: string): Promise<Answer> {
  const answer = await request().catch((error) => {
    throw failed(`${otherwise}: ${messageOf(error)}.`)
  })
  if (answer.status >= 200 && answer.status < 300) return answer
  if (answer.status === 429)
    throw failed(
      `${otherwise}: too many messages; the next one may go out in ${Math.ceil(retryAfterMs(answer) / 1000)} s.`,
    )
  throw failed(`${otherwise}: HTTP ${answer.status}.`)
}

function failed(message: string): CatalystError {
  return new CatalystError(message, {
    code: 'ALERT_FAILED',
    exit: EXIT.failed,
    suggestions: ["Compare ADMIN_ALERT_WEBHOOK in .env with the webhook in the channel's settings."],
  })
}

function nameIn(body: string): string | undefined {
  try {
    const { id } = JSON.parse(body)
    return typeof id === 'string' && /^\d{1,32}$/.test(id) ? id : undefined
  } catch {
    return undefined // not Discord; then each text is a message of its own
  }
}

/** What a 429 asks for: `retry_after` in the body, else the header, both in seconds. */
function retryAfterMs({ body, headers }: Answer): number {
  let seconds = Number(headers['retry-after'])
  try {
    const told = JSON.parse(body)?.retry_after
    if (typeof told === 'number') seconds = told
  } catch {
    // the front door answers in HTML
  }
  return seconds > 0 ? Math.min(LONGEST_WAIT_MS, Math.ceil(seconds * 1000)) : 0
}
