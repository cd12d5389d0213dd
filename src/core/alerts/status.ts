import type { HomePaths } from '#core/home/home-paths.js'
import { AlertStore } from './store.js'

/** The alerts in `watchdog status --json`. Times are ISO 8601. */
export interface AlertsStatus {
  /** The alerts that wait, oldest first. */
  readonly waiting: readonly {
    readonly title: string
    /** The time at which its text was made. */
    readonly since: string
    /** The number of failed tries. */
    readonly tries: number
    /** The last failure; null where it was not tried yet, or waits for a rate limit to end. */
    readonly why: string | null
  }[]
  /** The alerts given up in the last week, oldest first. */
  readonly given_up: readonly {
    readonly title: string
    readonly since: string
    /** The time at which it was given up. */
    readonly at: string
    readonly why: string
  }[]
}

const SHOWN_MS = 7 * 24 * 60 * 60_000

/** Returns the alerts that wait and those that were given up; null where reading them is not permitted. */
export function alertsStatus(paths: HomePaths, wall: number): AlertsStatus | null {
  const store = new AlertStore(paths.alerts)
  try {
    const { failures, given_up } = store.deliveries()
    return {
      waiting: store.waiting().map(({ id, at, alert }) => ({
        title: alert.title,
        since: iso(at),
        tries: failures[id]?.tries ?? 0,
        why: failures[id]?.why ?? null,
      })),
      given_up: given_up
        .filter((one) => wall - one.given_up_at < SHOWN_MS)
        .map(({ title, at, given_up_at, why }) => ({ title, since: iso(at), at: iso(given_up_at), why })),
    }
  } catch {
    return null
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
