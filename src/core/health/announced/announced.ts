import type { Clock } from '#core/platform/clock.js'
import { printable } from '#core/printable.js'
import { localTime } from '#core/text.js'

/** Something that a bot has announced for a while. */
export interface Announcement {
  readonly why: string
  /** Its end on the monotonic clock. */
  readonly endsAt: number
  /** Its end as a wall time, in ms since 1970, for people. */
  readonly until: number
}

/** An announcement as the health report has it. `until` is ISO 8601. */
export interface Announced {
  readonly why: string
  readonly until: string
}

/** The longest time that a bot can announce at once; a start that takes longer than this has failed. */
const LONGEST_ANNOUNCED_SECONDS = 24 * 3600
const LONGEST_WHY = 200
const NO_REASON = 'no reason given'

export const FOR_FAULT = `for_seconds must be a number from 0 to ${LONGEST_ANNOUNCED_SECONDS}`

export function isForSeconds(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= LONGEST_ANNOUNCED_SECONDS
}

/**
 * The announcements of a running bot: that it is busy, and that its start takes longer. Each ends by itself, or with
 * the bot, since it is kept in memory alone.
 */
export class Announcements {
  readonly #clock: Clock
  readonly #redact: (text: string) => string
  #startedAt: number
  #busy: Announcement | undefined
  #start: Announcement | undefined

  /** `redact` hides secrets in the reasons: everybody who may ask for the bot's health is told them. */
  constructor(clock: Clock, redact: (text: string) => string = (text) => text) {
    this.#clock = clock
    this.#redact = redact
    this.#startedAt = clock.monotonic()
  }

  /** Records that the start begins only now, after a delay. */
  startsNow(): void {
    this.#startedAt = this.#clock.monotonic()
  }

  /** Announces that the bot must not be interrupted for so long; 0 ends that. */
  busy(seconds: number, why?: string): void {
    this.#busy = this.#announcement(seconds, why)
  }

  /** Announces that the start takes that much longer from now on; 0 ends that. */
  starting(seconds: number, why?: string): void {
    const longest = this.#startedAt / 1000 + LONGEST_ANNOUNCED_SECONDS - this.#clock.monotonic() / 1000
    this.#start = this.#announcement(Math.min(seconds, longest), why)
  }

  /** The work that keeps the bot busy; undefined while none does. */
  get busyWith(): Announcement | undefined {
    return this.#current(this.#busy)
  }

  /** The reason for which the start takes longer; undefined where there is none. */
  get startExtension(): Announcement | undefined {
    return this.#current(this.#start)
  }

  #announcement(seconds: number, why = ''): Announcement | undefined {
    if (seconds <= 0) return undefined
    const ms = seconds * 1000
    return { why: reasonOf(this.#redact(why)), endsAt: this.#clock.monotonic() + ms, until: this.#clock.now() + ms }
  }

  #current(one: Announcement | undefined): Announcement | undefined {
    return one !== undefined && this.#clock.monotonic() < one.endsAt ? one : undefined
  }
}

/** Returns an announcement as the health report has it. */
export function announcedOf(one: Announcement | undefined): Announced | null {
  return one === undefined ? null : { why: one.why, until: new Date(one.until).toISOString() }
}

/** Returns an announcement of a health report, which may be anybody's; undefined where that holds none. */
export function announcedIn(value: unknown): Announced | undefined {
  const { why, until } = (value ?? {}) as Record<string, unknown>
  return typeof why === 'string' && typeof until === 'string' ? { why: reasonOf(why), until } : undefined
}

/** Returns how long an announcement of a health report still lasts; 0 without one. Both clocks are this machine's. */
export function announcedMs(value: unknown, wall: number): number {
  const announced = announcedIn(value)
  return announced === undefined ? 0 : Math.max(0, Date.parse(announced.until) - wall || 0)
}

/** Describes an announcement to people: `open order, until 2026-03-01 12:10:00`. */
export function announcedText({ why, until }: { readonly why: string; readonly until: string | number }): string {
  return `${why}, until ${localTime(until)}`
}

/** Returns a reason of others as one short line that can't control a terminal. */
function reasonOf(why: string): string {
  const line = printable(why.slice(0, 2 * LONGEST_WHY))
    .replace(/\s+/g, ' ')
    .trim()
  return line === '' ? NO_REASON : line.slice(0, LONGEST_WHY)
}
