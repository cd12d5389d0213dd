/** When the next try is due: at once, then after a pause that doubles with each that failed. Times are monotonic. */
export class Backoff {
  readonly #firstMs: number
  readonly #mostMs: number
  #pauseMs: number
  #dueAt = Number.NEGATIVE_INFINITY

  constructor({ firstMs, mostMs }: { readonly firstMs: number; readonly mostMs: number }) {
    this.#firstMs = firstMs
    this.#mostMs = mostMs
    this.#pauseMs = firstMs
  }

  isDue(now: number): boolean {
    return now >= this.#dueAt
  }

  tried(now: number): void {
    this.#dueAt = now + this.#pauseMs
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#mostMs)
  }

  succeeded(): void {
    this.#pauseMs = this.#firstMs
    this.#dueAt = Number.NEGATIVE_INFINITY
  }
}
