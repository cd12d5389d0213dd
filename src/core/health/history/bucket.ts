/** The figures of a span of time, a minute or an hour. All are whole numbers, and add up; the maxima are the largest. */
export interface Bucket {
  cycles: number
  alerts: number
  errors: number
  /** The cycles whose duration is known, and the time that they took in all, in ms. */
  timedCycles: number
  timedMs: number
  /** The most memory that the process took, in MiB; 0 where it isn't known. */
  memoryMb: number
  /** The longest delay of the event loop, in ms. */
  delayMs: number
  /** The time in which the bot worked, in which it did not, and in which it was stopped on purpose. The rest isn't known. */
  workingMs: number
  failingMs: number
  stoppedMs: number
}

/** What happened from one sample to the next. */
export type Sample = Partial<Bucket>

const SUMS = ['cycles', 'alerts', 'errors', 'timedCycles', 'timedMs', 'workingMs', 'failingMs', 'stoppedMs'] as const
const MAXIMA = ['memoryMb', 'delayMs'] as const

export function emptyBucket(): Bucket {
  return {
    cycles: 0,
    alerts: 0,
    errors: 0,
    timedCycles: 0,
    timedMs: 0,
    memoryMb: 0,
    delayMs: 0,
    workingMs: 0,
    failingMs: 0,
    stoppedMs: 0,
  }
}

/** Adds a sample, or another bucket, to a bucket. */
export function addTo(bucket: Bucket, sample: Sample): void {
  for (const key of SUMS) bucket[key] += sample[key] ?? 0
  for (const key of MAXIMA) bucket[key] = Math.max(bucket[key], sample[key] ?? 0)
}

/** Returns the sum of buckets. */
export function sumOf(buckets: Iterable<Bucket>): Bucket {
  const sum = emptyBucket()
  for (const bucket of buckets) addTo(sum, bucket)
  return sum
}

/** Returns the time of which is known what the bot did, in ms. */
export function knownMs({ workingMs, failingMs, stoppedMs }: Bucket): number {
  return workingMs + failingMs + stoppedMs
}

/**
 * Returns the share of time that a bot worked, from 0 to 1, of the time in which it was meant to; undefined where nothing
 * of that is known.
 */
export function workedShare({ workingMs, failingMs }: Bucket): number | undefined {
  return workingMs + failingMs === 0 ? undefined : workingMs / (workingMs + failingMs)
}
