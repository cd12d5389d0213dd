import { addTo, type Bucket, emptyBucket, type Sample } from './bucket.js'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS

/** The days that a history shows, today among them. */
export const DAYS = 90
/** The minutes that are kept: those of a day, and some more, so that a day's first quarter of an hour is whole. */
export const MAXIMUM_MINUTES = 25 * 60
/** The hours that are kept, of which {@link DAYS} local days are made: one of those may have 25. */
export const MAXIMUM_HOURS = (DAYS + 1) * 24 + 2

/** A local day: its name, such as `2026-03-01`, its beginning and its end in ms since 1970, and its figures. */
export interface Day {
  readonly name: string
  readonly from: number
  readonly to: number
  readonly bucket: Bucket
}

/** The figures of a bot over time: by the minute for a day, by the hour for 90 days. Times are wall times. */
export class History {
  readonly #minutes = new Map<number, Bucket>()
  readonly #hours = new Map<number, Bucket>()
  #newest: number | undefined

  /** The buckets by their beginning, in no order. */
  get minutes(): ReadonlyMap<number, Bucket> {
    return this.#minutes
  }

  get hours(): ReadonlyMap<number, Bucket> {
    return this.#hours
  }

  /** The time up to which is known what the bot was; undefined without any. */
  get newest(): number | undefined {
    return this.#newest
  }

  /** Adds what happened up to a time. */
  add(at: number, sample: Sample): void {
    this.addLater(at, sample)
    this.#saw(at)
  }

  /** Adds what seems to be of a later time, and tells nothing of the time before. */
  addLater(at: number, sample: Sample): void {
    this.addMinute(at, sample)
    this.addHour(at, sample)
  }

  /** Adds to a minute alone. */
  addMinute(at: number, sample: Sample): void {
    addTo(bucketOf(this.#minutes, minuteOf(at)), sample)
  }

  /** Adds to an hour alone: its minutes are not kept, or were added before. */
  addHour(at: number, sample: Sample): void {
    addTo(bucketOf(this.#hours, hourOf(at)), sample)
  }

  /** Adds a stretch of time in which the bot did not run. */
  addGap(from: number, to: number, kind: 'failingMs' | 'stoppedMs', now: number): void {
    const oldest = now - DAYS * 24 * HOUR_MS
    for (const { start, ms } of pieces(Math.max(from, oldest), to, HOUR_MS, hourOf))
      addTo(bucketOf(this.#hours, start), { [kind]: ms })
    const oldestMinute = now - MAXIMUM_MINUTES * MINUTE_MS
    for (const { at, ms } of minutesOf(Math.max(from, oldestMinute), to)) this.addMinute(at, { [kind]: ms })
    this.#saw(to - 1)
  }

  /**
   * Forgets what is beyond the limits: first what is farthest from now. So a clock that was wrong for a while takes only
   * as much away as it has added.
   */
  prune(now: number): void {
    keepNearest(this.#minutes, MAXIMUM_MINUTES, now)
    keepNearest(this.#hours, MAXIMUM_HOURS, now)
    if (this.#newest !== undefined && this.#newest > now) this.#newest = now
  }

  /** Returns as many spans of this many minutes as named, the last one with now in it; undefined where nothing is known. */
  spans(now: number, count: number, minutes: number): { readonly at: number; readonly bucket: Bucket | undefined }[] {
    const length = minutes * MINUTE_MS
    const last = now - ((((now - offsetMs(now)) % length) + length) % length)
    return Array.from({ length: count }, (_, index) => {
      const at = last - (count - 1 - index) * length
      let sum: Bucket | undefined
      for (let minute = at; minute < at + length; minute += MINUTE_MS) {
        const bucket = this.#minutes.get(minute)
        if (bucket === undefined) continue
        sum ??= emptyBucket()
        addTo(sum, bucket)
      }
      return { at, bucket: sum }
    })
  }

  /** Returns the last {@link DAYS} local days, the oldest first. */
  days(now: number): Day[] {
    const days = lastDays(now, DAYS).map((day) => ({ ...day, bucket: emptyBucket() }))
    const from = days[0]?.from ?? now
    for (const [at, bucket] of this.#hours) {
      if (at < from || at > now) continue
      let place = Math.min(days.length - 1, Math.floor((at - from) / (24 * HOUR_MS)))
      // one further where a day had 23 or 25 hours
      if (at < (days[place] as Day).from) place--
      else if (at >= (days[place] as Day).to) place++
      addTo((days[place] as Day).bucket, bucket)
    }
    return days
  }

  #saw(at: number): void {
    if (this.#newest === undefined || at > this.#newest) this.#newest = at
  }
}

/** Returns the last local days, the oldest first: a day may have 23 or 25 hours. */
export function lastDays(now: number, count: number): Pick<Day, 'name' | 'from' | 'to'>[] {
  const today = new Date(now)
  const midnight = (ago: number) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - ago).getTime()
  return Array.from({ length: count }, (_, index) => {
    const ago = count - 1 - index
    const from = midnight(ago)
    return { name: dayName(from), from, to: midnight(ago - 1) }
  })
}

/** Returns the name of the local day of a time: `2026-03-01`. */
export function dayName(at: number): string {
  const date = new Date(at)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

export function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS
}

/** Returns the beginning of an hour of the local clock, so that days are made of whole hours in every time zone. */
export function hourOf(at: number): number {
  const offset = offsetMs(at)
  return Math.floor((at - offset) / HOUR_MS) * HOUR_MS + offset
}

/** Returns UTC minus local time. */
function offsetMs(at: number): number {
  return new Date(at).getTimezoneOffset() * MINUTE_MS
}

function bucketOf(buckets: Map<number, Bucket>, at: number): Bucket {
  const bucket = buckets.get(at) ?? emptyBucket()
  buckets.set(at, bucket)
  return bucket
}

/** Returns the minutes of a stretch of time, each with how much of it lies within, in ms. */
export function minutesOf(from: number, to: number): readonly { readonly at: number; readonly ms: number }[] {
  return pieces(from, to, MINUTE_MS, minuteOf)
}

/** Returns the parts of a stretch of time, each with its end, and the start of its bucket. */
function pieces(from: number, to: number, length: number, startOf: (at: number) => number) {
  const found: { start: number; at: number; ms: number }[] = []
  for (let at = from; at < to; ) {
    const start = startOf(at)
    const end = Math.min(to, start + length)
    found.push({ start, at: end - 1, ms: end - at })
    at = end
  }
  return found
}

function keepNearest(buckets: Map<number, Bucket>, limit: number, now: number): void {
  if (buckets.size <= limit) return
  const far = [...buckets.keys()].sort((one, other) => Math.abs(other - now) - Math.abs(one - now))
  for (const at of far.slice(0, buckets.size - limit)) buckets.delete(at)
}
