import { join } from 'node:path'
import { CHANNELS, type ChannelName } from '#core/config/alerts/channel-names.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { AlertStore } from './store.js'

/** The alerts in `watchdog status --json`. Times are ISO 8601. */
export interface AlertsStatus {
  /** The alerts that wait, oldest first. */
  readonly waiting: readonly {
    /** The channel that it waits for; null where no sender has handed it to the channels yet. */
    readonly channel: ChannelName | null
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
    readonly channel: ChannelName
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
  try {
    const all = [null, ...CHANNELS].map((channel) => statusOf(paths.alerts, channel, wall))
    const bySince = (a: { since: string }, b: { since: string }) => a.since.localeCompare(b.since)
    return {
      waiting: all.flatMap(({ waiting }) => waiting).sort(bySince),
      given_up: all.flatMap(({ given_up }) => given_up).sort((a, b) => a.at.localeCompare(b.at)),
    }
  } catch {
    return null
  }
}

/** The numbers of alerts that did not go out. */
export interface AlertCounts {
  /** Those that wait, by the channel; `none`: no sender has handed them to the channels yet. */
  readonly waiting: Readonly<Record<ChannelName | 'none', number>>
  /** Those that were ever given up, by the channel. */
  readonly givenUp: Readonly<Record<ChannelName, number>>
}

/** Returns the numbers of alerts that did not go out; undefined where reading them is not permitted. */
export function alertCounts(paths: HomePaths): AlertCounts | undefined {
  try {
    const inbox = new AlertStore(paths.alerts)
    const stores = CHANNELS.map((channel) => [channel, new AlertStore(join(paths.alerts, channel))] as const)
    const numbers = (of: (store: AlertStore) => number) =>
      Object.fromEntries(stores.map(([channel, store]) => [channel, of(store)])) as Record<ChannelName, number>
    return {
      waiting: { ...numbers((store) => store.waiting().length), none: inbox.waiting().length },
      givenUp: numbers((store) => store.deliveries().given_up_total),
    }
  } catch {
    return undefined
  }
}

function statusOf(folder: string, channel: ChannelName | null, wall: number): AlertsStatus {
  const store = new AlertStore(channel === null ? folder : join(folder, channel))
  const { failures, given_up } = store.deliveries()
  const before = channel ?? 'discord' // what an older version has tried
  return {
    waiting: store.waiting().map(({ id, at, alert }) => ({
      channel: failures[id] === undefined ? channel : before,
      title: alert.title,
      since: iso(at),
      tries: failures[id]?.tries ?? 0,
      why: failures[id]?.why ?? null,
    })),
    given_up: given_up
      .filter((one) => wall - one.given_up_at < SHOWN_MS)
      .map(({ title, at, given_up_at, why }) => ({
        channel: before,
        title,
        since: iso(at),
        at: iso(given_up_at),
        why,
      })),
  }
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
