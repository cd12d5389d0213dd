import type { BodyRoom } from '#bots/news/feed/body-room.js'
import type { Entry } from '#bots/news/feed/entry.js'
import { type FeedMemory, fetchFeed } from '#bots/news/feed/fetch-feed.js'
import { isTooOld, judge, seenKey } from '#bots/news/judge/judge.js'
import type { SeenList } from '#bots/news/judge/seen.js'
import { logFields, summaryOf } from '#bots/news/post/alert.js'
import type { Delivery, Outbox } from '#bots/news/post/outbox.js'
import type { BotContext } from '#core/bot/contract.js'
import type { Deadline } from './deadline.js'
import type { Lane } from './lane.js'
import type { Limits } from './limits.js'
import type { NewsSettings } from './settings.js'

/** The state of a feed between rounds. */
export interface Source extends FeedMemory {
  /** Keys of the feed's entries when it was last read: an unchanged feed still holds them. */
  keys: readonly string[]
  /** The reason why it was last not read whole, so that it is not repeated in each round. */
  cut?: string | undefined
}

export interface Round {
  readonly ctx: BotContext
  readonly settings: NewsSettings
  readonly seen: SeenList
  readonly outbox: Outbox
  readonly sources: Map<string, Source>
  readonly deadline: Deadline
  readonly limits: Limits
  readonly lane: Lane
  readonly room: BodyRoom
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface RoundReport {
  entries: number
  fresh: number
  alerts: number
  /** One line for each feed that failed, with its host. */
  readonly failures: string[]
}

/**
 * Reads all feeds at once and sends the resulting alerts. Neither the last round's rest nor a feed waits for the
 * slowest.
 */
export async function runRound(round: Round): Promise<RoundReport> {
  const report: RoundReport = { entries: 0, fresh: 0, alerts: 0, failures: [] }
  const delivery = deliveryOf(round)
  const flush = () => (delivery ? round.outbox.flush(delivery) : Promise.resolve())
  round.outbox.startRound()
  void flush()
  await Promise.all(
    round.settings.feeds.map(async (feed) => {
      try {
        await readFeed(feed, round, report, delivery !== undefined)
      } catch (error) {
        report.failures.push(`${feed.host}: ${error instanceof Error ? error.message : String(error)}`)
      }
      void flush()
    }),
  )
  await flush()
  return report
}

/** Summarizes a round: `2 feeds, 14 entries, 2 new, 1 alert`. */
export function reportLine(feeds: number, waiting: number, { entries, fresh, alerts, failures }: RoundReport): string {
  const parts = [
    count(feeds, 'feed', 'feeds'),
    count(entries, 'entry', 'entries'),
    `${fresh} new`,
    count(alerts, 'alert', 'alerts'),
  ]
  if (failures.length > 0) parts.push(`${count(failures.length, 'feed', 'feeds')} failed`)
  if (waiting > 0) parts.push(`${waiting} waiting for Discord`)
  return parts.join(', ')
}

async function readFeed(feed: URL, round: Round, report: RoundReport, deliver: boolean): Promise<void> {
  const { ctx, seen, limits, lane, room, settings } = round
  const source = sourceOf(feed, round.sources)
  const parsed = await fetchFeed(feed, {
    memory: source,
    signal: round.deadline.signal,
    limits,
    lane,
    room,
    secUserAgent: settings.secUserAgent,
  })
  if (ctx.signal.aborted) return
  if (!parsed) {
    for (const key of source.keys) if (seen.has(key)) seen.touch(key)
    return
  }
  if (parsed.cut && parsed.cut !== source.cut) ctx.log.warn(`news: feed ${feed.host} was not read whole: ${parsed.cut}`)
  source.cut = parsed.cut
  const keyed = parsed.entries.map((entry): [string, Entry] => [seenKey(feed.host, entry.id), entry])
  source.keys = keyed.map(([key]) => key)
  report.entries += keyed.length
  raiseAlerts(feed, keyed, round, report, deliver)
}

function raiseAlerts(
  feed: URL,
  keyed: readonly (readonly [string, Entry])[],
  round: Round,
  report: RoundReport,
  deliver: boolean,
): void {
  const { ctx, seen, outbox, settings } = round
  const fresh = keyed.filter(([key]) => {
    if (!seen.has(key)) return !outbox.has(key)
    seen.touch(key)
    return false
  })
  const { maxAgeMs, minScore } = settings
  const { alerts, dismissed } = judge(fresh, { source: feed.host, now: round.now(), maxAgeMs, minScore })
  for (const key of dismissed) seen.add(key)
  for (const alert of alerts) {
    const summary = summaryOf(alert)
    ctx.log.info(logFields(alert), `ALERT ${summary}`)
    ctx.recordAlert(summary)
    if (deliver) outbox.add(alert)
    else seen.add(alert.key)
  }
  report.fresh += fresh.length
  report.alerts += alerts.length
}

/** Returns the webhook and the callbacks for its messages; undefined if alerts go to the log only. */
function deliveryOf({ ctx, settings, seen, deadline, now }: Round): Delivery | undefined {
  const { webhook, maxAgeMs } = settings
  if (!webhook || ctx.dryRun) return undefined
  return {
    webhook,
    round: deadline,
    isStale: (alert) => isTooOld(alert.time, { now: now(), maxAgeMs }),
    // Written at once: a crash after this must not bring the same message again.
    onSent: (alert) => {
      seen.add(alert.key)
      return seen.save()
    },
    onDropped(alerts) {
      for (const { key } of alerts) seen.add(key)
    },
    warn: (message) => ctx.log.warn(`news: ${message}`),
    fail: (error) => ctx.recordError(error),
  }
}

function sourceOf(feed: URL, sources: Map<string, Source>): Source {
  const known = sources.get(feed.href)
  if (known) return known
  const source: Source = { keys: [] }
  sources.set(feed.href, source)
  return source
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}
