import { addTo, type Bucket, emptyBucket, type Sample } from '#core/health/history/bucket.js'
import { type History, HOUR_MS, MINUTE_MS } from '#core/health/history/history.js'

const DAY_MS = 24 * HOUR_MS

/** Numbers that look like chance, and are the same in each run (mulberry32). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What went wrong in these months: so many days ago, from this hour on, for so many minutes. */
export interface Outage {
  readonly daysAgo: number
  readonly hour: number
  readonly minutes: number
  readonly kind: 'failingMs' | 'stoppedMs'
}

/** Fills a history with the months of a bot that mostly worked, up to now. */
export function fillMonths(history: History, now: number, outages: readonly Outage[], days = 84): void {
  const next = chance(7)
  const midnight = Math.floor(now / DAY_MS) * DAY_MS
  const spans = outages.map(({ daysAgo, hour, minutes, kind }) => {
    const from = midnight - daysAgo * DAY_MS + hour * HOUR_MS
    return { from, to: from + minutes * MINUTE_MS, kind }
  })
  for (let hour = midnight - days * DAY_MS; hour <= now; hour += HOUR_MS) {
    const sum = emptyBucket()
    for (let at = hour; at < hour + HOUR_MS && at <= now; at += MINUTE_MS) {
      const outage = spans.find(({ from, to }) => at >= from && at < to)
      const sample = outage ? { [outage.kind]: MINUTE_MS } : minuteOfWork(at, now, next)
      addTo(sum, sample)
      if (at > now - 25 * HOUR_MS) history.addMinute(at, sample)
    }
    history.addHour(hour, sum as Bucket)
  }
}

/** Returns a minute of a bot that has more to do by day, whose memory grows until it is restarted. */
function minuteOfWork(at: number, now: number, next: () => number): Sample {
  const hour = (at % DAY_MS) / HOUR_MS
  const busy = 0.55 + 0.45 * Math.sin(((hour - 8) / 24) * 2 * Math.PI)
  const cycles = 2 + (next() < busy * 0.7 ? 1 : 0)
  const sinceStart = ((at - now) / HOUR_MS + 1000 * 76) % 76
  const slow = next() < 0.02 ? 2600 * next() : 0
  return {
    cycles,
    alerts: next() < 0.05 + busy * 0.09 ? 1 + Math.floor(next() * 2) : 0,
    errors: next() < 0.012 ? 1 : 0,
    timedCycles: cycles,
    timedMs: Math.round(cycles * (380 + 320 * busy + 160 * next() + slow)),
    memoryMb: Math.round(88 + sinceStart * 0.36 + 5 * next()),
    delayMs: Math.round(2 + 5 * busy * next() + (next() < 0.03 ? 34 * next() : 0)),
    workingMs: MINUTE_MS,
  }
}
