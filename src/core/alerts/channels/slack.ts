import type { Alert, AlertField, Tone } from '#core/alerts/alert.js'
import type { Channel } from './channel.js'
import { afterPosting, heldUntil, isWorthPosting, postedOf, postedText } from './folding.js'
import { cleaned, cut, timeText } from './plain-text.js'
import { postJson } from './post-json.js'

const SIGNS: Readonly<Record<Tone, string>> = {
  warning: ':large_orange_circle:',
  working: ':large_yellow_circle:',
  good: ':large_green_circle:',
  bad: ':red_circle:',
}
/** Source: Slack's Block Kit reference: a header has 150 characters, a section 3000, each of its 10 fields 2000. */
const LIMITS = { header: 150, section: 2000, name: 100, field: 500, code: 2500 }

/** Returns the first message of an alert, in blocks. Nothing in it is markup, a mention or a link but our own. */
export function slackMessage(raw: Alert): object {
  const alert = cleaned(raw)
  const short = alert.fields.filter(({ as }) => as !== 'code').slice(0, 10)
  const blocks = alert.fields.filter(({ as }) => as === 'code').map(codeBlock)
  return message(alert, [
    { type: 'header', text: plain(cut(alert.title, LIMITS.header)) },
    ...(alert.description === '' ? [] : [section(cut(alert.description, LIMITS.section))]),
    ...(short.length === 0 ? [] : [{ type: 'section', fields: short.map(shortField) }]),
    ...blocks,
    ...(alert.footer === '' ? [] : [{ type: 'context', elements: [plain(cut(alert.footer, LIMITS.section))] }]),
  ])
}

/** Returns a further message of an alert, which names it: Slack's webhooks can't edit. */
export function slackUpdate(raw: Alert): object {
  const alert = cleaned(raw)
  const short = alert.fields.filter(({ as }) => as !== 'code').map((field) => `${field.name}: ${shownValue(field)}`)
  const name = alert.about ? `${alert.about.kind} ${alert.about.name}` : alert.footer
  const sentences = cut(alert.description, LIMITS.section)
  const facts = cut([name, ...short].join(' · '), LIMITS.section)
  return message(alert, [
    section(`${cut(alert.title, LIMITS.header)}. ${sentences}`),
    { type: 'context', elements: [plain(facts)] },
  ])
}

function message({ title, tone }: Alert, blocks: object[]): object {
  // the text is what a notification shows; `none` keeps names and addresses from becoming links
  return { text: `${SIGNS[tone]} ${escaped(cut(title, LIMITS.header))}`, parse: 'none', blocks }
}

function section(text: string): object {
  return { type: 'section', text: plain(text) }
}

function plain(text: string): object {
  return { type: 'plain_text', text: text === '' ? '-' : text, emoji: false }
}

function shortField(field: AlertField): object {
  const name = cut(field.name, LIMITS.name)
  if (field.as !== 'time') return plain(`${name}: ${cut(field.value, LIMITS.field)}`)
  const seconds = Math.floor(Date.parse(field.value) / 1000)
  return {
    type: 'mrkdwn',
    text: `${escaped(name)}: <!date^${seconds}^{date_short_pretty} {time_secs}|${timeText(field.value)}>`,
    verbatim: true,
  }
}

function codeBlock({ name, value }: AlertField): object {
  const code = cutEscaped(value.replaceAll('```', "'''"), LIMITS.code)
  const title = escaped(cut(name, LIMITS.name))
  return {
    type: 'section',
    text: { type: 'mrkdwn', text: `${title}\n\`\`\`\n${code}\n\`\`\``, verbatim: true },
  }
}

function shownValue({ value, as }: AlertField): string {
  return as === 'time' ? timeText(value) : value
}

/** Escapes the beginning of a text, so that it takes at most this many characters. */
function cutEscaped(text: string, length: number): string {
  let kept = Math.min(text.length, length)
  while (escaped(cut(text, kept)).length > length) kept -= Math.max(1, Math.ceil(kept / 16))
  return escaped(cut(text, kept))
}

/** Escapes what is markup in Slack, and so every mention, which begins with `<`. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/**
 * Returns the channel of a Slack webhook: a message, and a short one for what is worth it afterwards; where a person is
 * needed, a whole one again.
 */
export function slackChannel(webhook: string): Channel {
  return {
    heldUntil,
    async deliver({ alert, sent }) {
      const before = postedOf(sent)
      if (!isWorthPosting(before, alert)) return { kind: 'sent', message: sent }
      const isWhole = before === undefined || alert.tone === 'bad' // who is called needs all that there is to type
      const body = JSON.stringify(isWhole ? slackMessage(alert) : slackUpdate(alert))
      return postJson(
        { url: webhook, body },
        {
          sent: () => postedText(afterPosting(before, alert)),
          setting: 'ALERT_SLACK_WEBHOOK',
          advice: ({ status, body: why }) => {
            const reason = why.trim()
            return [403, 404, 410].includes(status)
              ? `Slack does not take this webhook any more${/^\w+$/.test(reason) ? ` (${reason})` : ''}: make another one, and put it into ALERT_SLACK_WEBHOOK`
              : reason || undefined
          },
        },
      )
    },
  }
}
