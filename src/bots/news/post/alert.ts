import type { Entry } from '#bots/news/feed/entry.js'
import { type Filing, filingOf } from '#bots/news/judge/filing.js'
import type { Score } from '#bots/news/judge/score.js'
import { tickerOf } from '#bots/news/judge/ticker.js'

/** An entry that is worth an alert. */
export interface Alert extends Score {
  /** The entry's key in the seen list. */
  readonly key: string
  readonly title: string
  readonly link?: string
  readonly ticker?: string
  readonly filing?: Filing
  /** The feed's host. */
  readonly source: string
  /** Milliseconds since 1970: the entry's own date, else when it was first read. */
  readonly time: number
}

export function toAlert(key: string, entry: Entry, score: Score, source: string, now: number): Alert {
  const filing = filingOf(entry)
  const ticker = filing ? undefined : tickerOf(entry)
  return {
    key,
    title: entry.title,
    source,
    time: entry.published ?? now,
    ...score,
    ...(entry.link ? { link: entry.link } : {}),
    ...(filing ? { filing } : {}),
    ...(ticker ? { ticker } : {}),
  }
}

/**
 * Returns the subject of an alert: `NASDAQ:RPRX`, or `TESLA INC (CIK 0001318605)`; undefined when the feed doesn't say.
 */
export function subjectOf({ ticker, filing }: Alert): string | undefined {
  return filing ? `${filing.company} (CIK ${filing.cik})` : ticker
}

/** Returns what happened: the title, or a filing's form, since its title only repeats the subject. */
export function headlineOf({ title, filing }: Alert): string {
  if (!filing) return title
  const items = filing.items.length > 0 ? `, ${filing.items.map((item) => `item ${item}`).join(', ')}` : ''
  return `${filing.form}${items}`
}

/** Returns an alert in one line: `NASDAQ:RPRX Royalty Pharma launches … [2: partnership]`. */
export function summaryOf(alert: Alert): string {
  const head = [subjectOf(alert), headlineOf(alert)].filter(Boolean).join(' ')
  return `${head} [${alert.score}${alert.categories.length > 0 ? `: ${alert.categories.join(', ')}` : ''}]`
}

/** Returns the fields of an alert's log line. */
export function logFields(alert: Alert): Record<string, unknown> {
  const { ticker, score, categories, title, link, source, filing } = alert
  return {
    alert: true,
    ticker,
    score,
    categories,
    title,
    link,
    source,
    ...(filing ? { form: filing.form, company: filing.company, cik: filing.cik } : {}),
  }
}
