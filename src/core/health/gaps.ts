/** The gaps in something that comes again and again, as seen so far. Times are in milliseconds. */
export interface Gaps {
  /** The time observed in the current window. */
  readonly observedMs: number
  readonly longestMs: number
  /** The longest gap of the window before; undefined in the first one. */
  readonly longestBeforeMs?: number
}

/**
 * The least time of observation before a gap longer than all others means something, in freeze thresholds: an hour by
 * default.
 */
export const LEARN_THRESHOLDS = 12

export const NO_GAPS: Gaps = { observedMs: 0, longestMs: 0 }

/** Returns the gaps with one that ended now. A longer one is forgotten after one to two windows of shorter ones. */
export function withGap(gaps: Gaps, gapMs: number, windowMs: number): Gaps {
  const { observedMs, longestMs } = gaps
  if (observedMs < windowMs) return { ...gaps, observedMs: observedMs + gapMs, longestMs: Math.max(longestMs, gapMs) }
  return { observedMs: gapMs, longestMs: gapMs, longestBeforeMs: longestMs }
}

export function longestOf({ longestMs, longestBeforeMs = 0 }: Gaps): number {
  return Math.max(longestMs, longestBeforeMs)
}

/** Returns whether they were observed for at least this long. */
export function isLearned({ observedMs, longestBeforeMs }: Gaps, leastMs: number): boolean {
  return longestBeforeMs !== undefined || observedMs >= leastMs
}
