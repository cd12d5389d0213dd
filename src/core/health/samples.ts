/** The newest samples of something, oldest out first. */
export class Samples {
  readonly #limit: number
  readonly #values: number[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  add(value: number): void {
    this.#values.push(value)
    if (this.#values.length > this.#limit) this.#values.shift()
  }

  /** Returns the smallest sample that at least `share` (0 to 1) of all are not above; undefined without samples. */
  quantile(share: number): number | undefined {
    const sorted = [...this.#values].sort((a, b) => a - b)
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
  }
}
