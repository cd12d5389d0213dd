import { localTime } from '#core/text.js'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const WEEK_HOURS = 7 * 24

/** The counts that survive a restart: the day's and the week's. Plain data, saved in `counters.json`. */
export interface SavedCounters {
  /** The local day that `cyclesToday` and `alertsToday` belong to, as YYYY-MM-DD. */
  readonly day: string
  readonly cyclesToday: number
  readonly alertsToday: number
  /** Alerts by the hour since 1970 that they went out in. */
  readonly alertsByHour: Readonly<Record<string, number>>
}

export const NO_COUNTS: SavedCounters = { day: '', cyclesToday: 0, alertsToday: 0, alertsByHour: {} }

/** Returns the counts at `now`: a new local day begins at zero, hours older than a week are gone. */
export function countersAt(counters: SavedCounters, now: number): SavedCounters {
  const [day = ''] = localTime(now).split(' ')
  const hour = Math.floor(now / HOUR_MS)
  const alertsByHour = Object.fromEntries(
    Object.entries(counters.alertsByHour).filter(([key]) => hour - Number(key) < WEEK_HOURS && Number(key) <= hour),
  )
  return day === counters.day ? { ...counters, alertsByHour } : { day, cyclesToday: 0, alertsToday: 0, alertsByHour }
}

export function withCycle(counters: SavedCounters, now: number): SavedCounters {
  const current = countersAt(counters, now)
  return { ...current, cyclesToday: current.cyclesToday + 1 }
}

export function withAlert(counters: SavedCounters, now: number): SavedCounters {
  const current = countersAt(counters, now)
  const hour = String(Math.floor(now / HOUR_MS))
  return {
    ...current,
    alertsToday: current.alertsToday + 1,
    alertsByHour: { ...current.alertsByHour, [hour]: (current.alertsByHour[hour] ?? 0) + 1 },
  }
}

export function alertsWeek(counters: SavedCounters): number {
  return Object.values(counters.alertsByHour).reduce((sum, count) => sum + count, 0)
}

export function areCounters(value: Record<string, unknown>): boolean {
  const { day, cyclesToday, alertsToday, alertsByHour } = value
  if (typeof day !== 'string' || typeof cyclesToday !== 'number' || typeof alertsToday !== 'number') return false
  return (
    typeof alertsByHour === 'object' &&
    alertsByHour !== null &&
    Object.values(alertsByHour).every((count) => typeof count === 'number')
  )
}

/** Errors in the last 60 minutes, by the minute, on the monotonic clock. Bounded however many come. */
export class ErrorWindow {
  readonly #minutes = new Map<number, number>()

  add(monotonicMs: number): void {
    const minute = Math.floor(monotonicMs / MINUTE_MS)
    this.#minutes.set(minute, (this.#minutes.get(minute) ?? 0) + 1)
    this.#forget(minute)
  }

  count(monotonicMs: number): number {
    this.#forget(Math.floor(monotonicMs / MINUTE_MS))
    let sum = 0
    for (const count of this.#minutes.values()) sum += count
    return sum
  }

  #forget(minute: number): void {
    for (const key of this.#minutes.keys()) if (minute - key >= 60) this.#minutes.delete(key)
  }
}

/** The counts since the start. They only grow. */
export interface Totals {
  readonly cycles: number
  readonly alerts: number
  readonly errors: number
  /** The cycles whose duration is known, and the time that they took in all, in ms. */
  readonly timedCycles: number
  readonly timedMs: number
}

export const NO_TOTALS: Totals = { cycles: 0, alerts: 0, errors: 0, timedCycles: 0, timedMs: 0 }
