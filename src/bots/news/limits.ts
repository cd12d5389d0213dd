/** Every bound of a round, in one place so that tests can shrink them. Times are in milliseconds. */
export interface Limits {
  /** One try of one feed, redirects and body included. */
  readonly tryMs: number
  /** Tries a feed or a message gets in a round. */
  readonly tries: number
  /** The pause after the first failed try; it doubles with each further one. */
  readonly pauseMs: number
  /** A whole round, messages included. */
  readonly roundMs: number
  /** One try of one message. */
  readonly webhookMs: number
  /** Messages that go out in a round; the rest waits for the next one. */
  readonly messages: number
  /** How long a failing webhook is left alone at first; it doubles with each failure up to `maxBlockMs`. */
  readonly blockMs: number
  readonly maxBlockMs: number
  /** Reading of a feed's body stops here. */
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
