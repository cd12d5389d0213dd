import { cutText } from '#bots/news/feed/text.js'
import { type Alert, headlineOf, subjectOf } from './alert.js'

/** The body of a webhook call. Source: Discord's documentation, 'Execute Webhook'. */
export interface DiscordMessage {
  readonly content: string
  readonly allowed_mentions: { readonly parse: readonly string[] }
}

const MAX_CONTENT = 2_000
const MAX_LINK = 1_000

/**
 * Writes an alert as plain content, without an embed: Discord refuses a whole message when it rejects one URL in an
 * embed. Mentions are off, and markup in a title is shown as it stands.
 */
export function discordMessage(alert: Alert): DiscordMessage {
  const subject = subjectOf(alert)
  const lines = [
    `${subject ? `**${literal(subject)}** ` : ''}${literal(headlineOf(alert))}`,
    `score ${alert.score} · ${alert.categories.join(', ')} · ${alert.source}`,
    // Half a link is worse than none.
    alert.link && alert.link.length <= MAX_LINK ? alert.link : '',
  ]
  return { content: cutText(lines.filter(Boolean).join('\n'), MAX_CONTENT), allowed_mentions: { parse: [] } }
}

function literal(text: string): string {
  return text.replace(/[\\*_~`|>[\]()#<]/g, '\\$&')
}
