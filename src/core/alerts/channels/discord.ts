import type { Alert, Tone } from '#core/alerts/alert.js'
import { objectIn } from '#core/json.js'
import type { Answer } from '#core/platform/net/http.js'
import type { Channel, Outcome } from './channel.js'
import { cleaned, cut } from './plain-text.js'
import { postJson } from './post-json.js'

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

/** Returns the alert as Discord takes it. `at` is when it was made, in ms since 1970. */
export function embedOf(raw: Alert, at: number): Embed {
  const alert = cleaned(raw)
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

/** Returns the channel of a Discord webhook: a message, which each further text of its alert edits. */
export function discordChannel(webhook: string): Channel {
  return {
    deliver: ({ at, alert, sent }) => deliver(webhook, isMessageName(sent) ? sent : undefined, embedOf(alert, at)),
  }
}

/** Sends a message, or edits the one with this id. */
function deliver(webhook: string, message: string | undefined, embed: Embed): Promise<Outcome> {
  const url = new URL(webhook)
  if (message === undefined)
    url.searchParams.set('wait', 'true') // then the answer names the message
  else url.pathname += `/messages/${message}`
  const body = JSON.stringify({ embeds: [embed], allowed_mentions: { parse: [] } })
  return postJson(
    { url: url.href, method: message === undefined ? 'POST' : 'PATCH', body },
    {
      sent: (answer) => message ?? nameIn(answer),
      setting: 'ADMIN_ALERT_WEBHOOK',
      special: ({ status }) => (status === 404 && message !== undefined ? { kind: 'gone' } : undefined),
      advice: ({ status }) =>
        [401, 403, 404].includes(status)
          ? "there is no such webhook: put the address from the channel's settings into ADMIN_ALERT_WEBHOOK"
          : undefined,
    },
  )
}

/** Returns Discord's id of the message, where the answer has one; else each text is a message of its own. */
function nameIn({ body }: Answer): string | undefined {
  const id = objectIn(body)?.id
  return isMessageName(id) ? id : undefined
}

function isMessageName(id: unknown): id is string {
  return typeof id === 'string' && /^\d{1,32}$/.test(id)
}
