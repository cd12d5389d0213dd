import type { Alert, AlertField, AlertSubject } from '#core/alerts/alert.js'
import { oneLine, printable } from '#core/printable.js'

/** Returns the beginning of a text, with a `…` where there is more; it never ends within a character. */
export function cut(text: string, length: number): string {
  if (text.length <= length) return text
  const shorter = text.slice(0, length - 1)
  return `${/[\ud800-\udbff]$/.test(shorter) ? shorter.slice(0, -1) : shorter}…`
}

/** Returns the beginning of a text that takes at most this many bytes as UTF-8. */
export function cutBytes(text: string, bytes: number): string {
  let length = Math.min(text.length, bytes)
  while (Buffer.byteLength(cut(text, length)) > bytes) length -= Math.max(1, Math.ceil(length / 16))
  return cut(text, length)
}

/** Returns a text with no half of a character, which Telegram and Slack refuse for good. */
function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '\ufffd')
}

/** Returns a text that controls nothing, as a channel shows it. */
function shown(text: string): string {
  return printable(wellFormed(text))
}

/** Returns an alert whose texts control nothing: those of others may hold anything. */
export function cleaned(alert: Alert): Alert {
  const { title, description, fields, footer, about } = alert
  return {
    ...alert,
    title: shownLine(title),
    description: shown(description),
    fields: fields.map((field) => ({ ...field, name: shownLine(field.name), value: shown(field.value) })),
    footer: shownLine(footer),
    ...(about && { about: cleanedSubject(about) }),
  }
}

function cleanedSubject(about: AlertSubject): AlertSubject {
  const { name, bot, environment, host, release } = about
  return {
    ...about,
    name: shownLine(name),
    bot: shownLine(bot),
    environment: shownLine(environment),
    host: shownLine(host),
    release: release === null ? null : shownLine(release),
  }
}

/** Returns such a text in one line, for a title or a header. */
function shownLine(text: string): string {
  return oneLine(wellFormed(text))
}

const LONGEST_REASON = 300

/** Returns why a text was not sent, without secrets, in one short line: half a secret could not be found. */
export function reasonText(why: string, redact: (text: string) => string): string {
  return cut(shownLine(redact(why)), LONGEST_REASON)
}

/** Formats the time of a field for people who may be anywhere. */
export function timeText(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** Returns a cleaned alert without its title as plain text: the sentences, short facts in one line each, and blocks. */
export function plainText({ description, fields, footer }: Alert): string {
  const short = fields.filter(({ as }) => as !== 'code').map((field) => `${field.name}: ${valueText(field)}`)
  const blocks = fields.filter(({ as }) => as === 'code').map(({ name, value }) => `${name}:\n${indented(value)}`)
  return [description, short.join('\n'), ...blocks, footer].filter((part) => part !== '').join('\n\n')
}

function valueText({ value, as }: AlertField): string {
  return as === 'time' ? timeText(value) : value
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ')
}
