import type { Alert } from '#core/alerts/alert.js'

/** A text that is to go out. */
export interface Delivery {
  /** The id of the alert: all its texts have the same. */
  readonly id: string
  /** The time at which the text was made, as wall time in ms since 1970. */
  readonly at: number
  readonly alert: Alert
  /** What the channel has returned for an earlier text of this alert; undefined where this is the first one. */
  readonly sent: string | undefined
}

/** The outcome of one try to send a message. */
export type Outcome =
  /** The message was sent. `message` is what the channel needs for the next text of the alert: word characters, `.`, `-`. */
  | { readonly kind: 'sent'; readonly message: string | undefined }
  /** The message that was to be edited is not there any more. */
  | { readonly kind: 'gone' }
  /** Too many messages were sent: the next one may go out after `retryMs`. */
  | { readonly kind: 'limited'; readonly retryMs: number }
  | { readonly kind: 'failed'; readonly why: string }
  /** Another try would not help. */
  | { readonly kind: 'refused'; readonly why: string }

/** A place that alerts go to. */
export interface Channel {
  /** Tries once to send a text, or to replace the one before. */
  deliver(delivery: Delivery): Promise<Outcome>
  /** Returns the wall time in ms until which a text is held back, since a newer one may make it needless. */
  heldUntil?(delivery: Delivery): number
}
