/** The delays between tries, in milliseconds. */
export interface Delays {
  readonly firstMs: number
  /** The longest of them. Default: none. */
  readonly mostMs?: number
}

/** Returns the delay after so many failures in a row, in milliseconds: it doubles from one to the next. */
export function backoffMs(failures: number, { firstMs, mostMs = Number.POSITIVE_INFINITY }: Delays): number {
  return Math.min(mostMs, firstMs * 2 ** (failures - 1))
}

/** Decides when the next try is due: at once, then after {@link backoffMs}. Times are monotonic. */
export class Backoff {
  readonly #delays: Delays
  #failures = 0
  #dueAt = Number.NEGATIVE_INFINITY

  constructor(delays: Delays) {
    this.#delays = delays
  }

  isDue(now: number): boolean {
    return now >= this.#dueAt
  }

  tried(now: number): void {
    this.#dueAt = now + backoffMs(++this.#failures, this.#delays)
  }

  succeeded(): void {
    this.#failures = 0
    this.#dueAt = Number.NEGATIVE_INFINITY
  }
}
