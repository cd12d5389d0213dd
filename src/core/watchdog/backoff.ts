/** When the next try is due: after each that failed, twice as long a pause. Times are monotonic, in milliseconds. */
export class Backoff {
  readonly #first: number
  readonly #most: number
  #pause: number
  #dueAt = Number.NEGATIVE_INFINITY

  constructor({ first, most }: { readonly first: number; readonly most: number }) {
    this.#first = first
    this.#most = most
    this.#pause = first
  }

  isDue(now: number): boolean {
    return now >= this.#dueAt
  }

  tried(now: number): void {
    this.#dueAt = now + this.#pause
    this.#pause = Math.min(this.#pause * 2, this.#most)
  }

  succeeded(): void {
    this.#pause = this.#first
    this.#dueAt = Number.NEGATIVE_INFINITY
  }
}
