/** The observed gaps between a bot's cycles: the longest of the current window, and of the one before it. */
export interface Rhythm {
  /** The beginning of the current window, on the monotonic clock. */
  readonly since: number
  readonly longestMs: number | undefined
  /** The longest gap of the window before; undefined in the first one: a bot's quiet times may be yet to come. */
  readonly longestBeforeMs: number | undefined
}

export function newRhythm(now: number): Rhythm {
  return { since: now, longestMs: undefined, longestBeforeMs: undefined }
}

/**
 * Returns the rhythm with a gap that ended now. A longer one counts at once, and is forgotten after one to two windows
 * of shorter ones.
 */
export function withGap(rhythm: Rhythm, gapMs: number, now: number, windowMs: number): Rhythm {
  const { since, longestMs = 0 } = rhythm
  if (now - since < windowMs) return { ...rhythm, longestMs: Math.max(longestMs, gapMs) }
  return { since: now, longestMs: gapMs, longestBeforeMs: longestMs }
}

/** Returns the longest remembered gap; undefined before the first. */
export function longestGap({ longestMs, longestBeforeMs = 0 }: Rhythm): number | undefined {
  return longestMs === undefined ? undefined : Math.max(longestMs, longestBeforeMs)
}

/** Returns whether the bot was observed for so long that a gap longer than all others means something. */
export function isSettled({ longestBeforeMs }: Rhythm): boolean {
  return longestBeforeMs !== undefined
}
