/** Every bound of a round, in one place so that tests can shrink them. Times are in milliseconds. */
export interface Limits {
  /** The time limit of one try of one feed, redirects and body included. */
  readonly tryMs: number
  /** The number of tries for a feed or a message in a round. */
  readonly tries: number
  /** The pause after the first failed try; it doubles with each further one. */
  readonly pauseMs: number
  /** The time limit of a whole round, messages included. */
  readonly roundMs: number
  /** The time limit of one try of one message. */
  readonly webhookMs: number
  /** The maximum number of messages in a round; the rest waits for the next one. */
  readonly messages: number
  /** The backoff after a failing webhook; it doubles with each failure up to `maxBlockMs`. */
  readonly blockMs: number
  readonly maxBlockMs: number
  /** The maximum size of a feed's body that is read. */
  readonly bodyBytes: number
  readonly redirects: number
}

export const LIMITS: Limits = {
  tryMs: 12_000,
  tries: 3,
  pauseMs: 500,
  roundMs: 150_000,
  webhookMs: 10_000,
  messages: 10,
  blockMs: 30_000,
  maxBlockMs: 15 * 60_000,
  bodyBytes: 3 * 1024 * 1024,
  redirects: 5,
}
