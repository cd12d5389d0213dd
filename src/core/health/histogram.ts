/** A histogram of durations, each counted in its bucket when it comes: an array of counts, however many there are. */
export class Histogram {
  readonly bounds: readonly number[]
  readonly counts: number[]
  sum = 0

  /** `bounds` are the upper bounds of the buckets, ascending; one more takes what is larger. */
  constructor(bounds: readonly number[]) {
    this.bounds = bounds
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0)
  }

  /** The number of durations. */
  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0)
  }

  add(value: number): void {
    const index = this.bounds.findIndex((bound) => value <= bound)
    const bucket = index === -1 ? this.bounds.length : index
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sum += value
  }
}

/** The bounds for cycles, in seconds: from a glance at a queue to a download of minutes. */
export const CYCLE_BOUNDS: readonly number[] = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
