import type { Alert, AlertField, Tone } from '#core/alerts/alert.js'
import { objectIn } from '#core/json.js'
import type { Answer } from '#core/platform/net/http.js'
import type { Channel, Outcome } from './channel.js'
import { cleaned, cut, timeText } from './plain-text.js'
import { postJson } from './post-json.js'

const SIGNS: Readonly<Record<Tone, string>> = { warning: '🟠', working: '🟡', good: '🟢', bad: '🔴' }
/** A message has at most 4096 characters after its entities are read. Source: Telegram's Bot API, sendMessage. */
const LIMITS = { title: 256, description: 1200, name: 100, field: 700, footer: 256 }
const TOTAL = 4096

/** Returns the alert as HTML that Telegram understands; nothing in it is a mention or a link. */
export function telegramHtml(raw: Alert): string {
  const { tone, title, description, fields, footer } = cleaned(raw)
  const head = `${SIGNS[tone]} <b>${escaped(cut(title, LIMITS.title))}</b>\n${escaped(cut(description, LIMITS.description))}`
  const foot = `<i>${escaped(cut(footer, LIMITS.footer))}</i>`
  let left = TOTAL - shownLength(`${head}\n\n\n\n${foot}`)
  const shown = fields.map(fieldHtml).filter((html) => {
    left -= shownLength(`${html}\n`)
    return left >= 0
  })
  return [head, shown.join('\n'), foot].filter((part) => part !== '').join('\n\n')
}

/** Returns the length of HTML of ours as Telegram counts it: without its tags, each entity as one character. */
function shownLength(html: string): number {
  return html.replace(/<[^>]+>/g, '').replace(/&\w+;/g, ' ').length
}

function fieldHtml({ name, value: whole, as }: AlertField): string {
  const title = `<b>${escaped(cut(name, LIMITS.name))}</b>`
  const value = cut(whole, LIMITS.field)
  // within <pre> nothing is a mention: commands can be copied as they are
  if (as === 'code') return `${title}\n<pre>${htmlEscaped(value)}</pre>`
  return `${title}: ${as === 'time' ? timeText(value) : escaped(value)}`
}

/** Escapes a text in which `@name`, `/command` and `#tag` would become links, and `@name` call somebody. */
function escaped(text: string): string {
  return htmlEscaped(text).replace(/(?<!\w)[@#/](?=\w)/g, '$&\u2060')
}

function htmlEscaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Returns the channel of a Telegram chat: a message, which each further text of its alert edits. */
export function telegramChannel(settings: { api: string; token: string; chat: string }): Channel {
  return {
    deliver({ alert, sent }) {
      const message = sent !== undefined && /^\d{1,16}$/.test(sent) ? Number(sent) : undefined
      return deliver(settings, message, telegramHtml(alert))
    },
  }
}

function deliver(
  { api, token, chat }: { api: string; token: string; chat: string },
  message: number | undefined,
  text: string,
): Promise<Outcome> {
  const method = message === undefined ? 'sendMessage' : 'editMessageText'
  const known = message === undefined ? {} : { message_id: message }
  const options = { parse_mode: 'HTML', link_preview_options: { is_disabled: true } }
  return postJson(
    {
      url: `${api.replace(/\/+$/, '')}/bot${token}/${method}`,
      body: JSON.stringify({ chat_id: chat, ...known, text, ...options }),
    },
    {
      sent: (answer) => (message === undefined ? idIn(answer) : String(message)),
      setting: 'ALERT_TELEGRAM_API',
      special: (answer) => (message === undefined ? undefined : editOutcome(message, answer)),
      advice,
    },
  )
}

/** Returns the outcome of an edit that Telegram refuses although nothing is wrong with it. */
function editOutcome(message: number, answer: Answer): Outcome | undefined {
  if (answer.status !== 400) return undefined
  const why = descriptionOf(answer)
  if (/message is not modified/i.test(why)) return { kind: 'sent', message: String(message) }
  return /message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i.test(why)
    ? { kind: 'gone' }
    : undefined
}

function idIn({ body }: Answer): string | undefined {
  const id = Object(objectIn(body)?.result).message_id
  return Number.isSafeInteger(id) ? String(id) : undefined
}

function descriptionOf({ body }: Answer): string {
  const { description } = objectIn(body) ?? {}
  return typeof description === 'string' ? description : ''
}

function advice(answer: Answer): string | undefined {
  const why = descriptionOf(answer)
  if (answer.status === 401 || answer.status === 404)
    return 'Telegram does not know this bot: put the token that @BotFather shows into ALERT_TELEGRAM_TOKEN'
  if (answer.status === 403)
    return 'the bot is not let into the chat: open the chat with it and press Start, or add it to the group or channel'
  const moved = Object(objectIn(answer.body)?.parameters).migrate_to_chat_id
  if (Number.isSafeInteger(moved)) return `the group has become a supergroup: set ALERT_TELEGRAM_CHAT=${moved}`
  if (/chat not found/i.test(why))
    return 'there is no such chat for the bot: write to it first, or add it to the group, and check ALERT_TELEGRAM_CHAT'
  return why === '' ? undefined : why
}
