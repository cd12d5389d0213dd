import { createHash } from 'node:crypto'
import type { Alert, Tone } from '#core/alerts/alert.js'
import type { Delivery } from './channel.js'

/**
 * What a channel that can't edit has posted for an alert: how many messages, and the tone and title of the last one. It
 * decides which further texts are worth a message.
 */
export interface Posted {
  readonly count: number
  readonly tone: Tone
  /** The beginning of a hash of the title; where a person is needed, also of why. */
  readonly title: string
}

type Text = Pick<Alert, 'tone' | 'title' | 'description'>

/** The time for which a second recovery is held back: another exit in this time belongs to the same incident. */
const HELD_MS = 10 * 60_000

/** Returns the record as a channel's `message`, which {@link postedOf} reads. */
export function postedText({ count, tone, title }: Posted): string {
  return [count, tone, title].join('.')
}

/** Reads the record of an earlier text; undefined where there was none. */
export function postedOf(sent: string | undefined): Posted | undefined {
  const [, count, tone, title] = /^(\d{1,6})\.(warning|working|good|bad)\.([\da-f]{8})$/.exec(sent ?? '') ?? []
  return title === undefined ? undefined : { count: Number(count), tone: tone as Tone, title }
}

/** Returns the record after a message with this text. */
export function afterPosting(before: Posted | undefined, text: Text): Posted {
  return { count: (before?.count ?? 0) + 1, tone: text.tone, title: hashOf(text) }
}

/**
 * Returns whether a text is worth a message of its own: the first one, the end, that a person is needed, that it has
 * begun again or become a crash loop. That it is being restarted changes nothing for the reader.
 */
export function isWorthPosting(before: Posted | undefined, text: Text): boolean {
  if (before === undefined) return true
  if (before.tone === text.tone && before.title === hashOf(text)) return false
  switch (text.tone) {
    case 'good':
    case 'bad':
      return true
    case 'warning':
      return before.tone === 'good' || before.tone === 'warning'
    case 'working':
      return before.tone === 'good'
  }
}

/**
 * Returns the wall time until which a text is held back. A bot that crashes again and again recovers each time: the
 * second recovery is posted only once it has lasted.
 */
export function heldUntil({ at, alert, sent }: Pick<Delivery, 'at' | 'alert' | 'sent'>): number {
  const before = postedOf(sent)
  const isAgain = before !== undefined && before.count > 1 && before.tone !== 'bad'
  return alert.tone === 'good' && isAgain ? at + HELD_MS : at
}

/** Returns the beginning of a hash; that nothing more is done for another reason is news, that a count has grown is not. */
function hashOf({ tone, title, description }: Text): string {
  const told = tone === 'bad' ? [title, description.replace(/\d+/g, '')].join('\n') : title
  return createHash('sha256').update(told).digest('hex').slice(0, 8)
}
