import type { Entry } from './entry.js'
import { type Filing, filingOf } from './filing.js'
import type { Score } from './score.js'
import { tickerOf } from './ticker.js'

/** An entry that is worth telling. */
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

/** Whom an alert is about: `NASDAQ:RPRX`, or `TESLA INC (CIK 0001318605)`; undefined when the feed doesn't say. */
export function subjectOf({ ticker, filing }: Alert): string | undefined {
  return filing ? `${filing.company} (CIK ${filing.cik})` : ticker
}

/** What happened: the title, or a filing's form, since its title only repeats the subject. */
export function headlineOf({ title, filing }: Alert): string {
  if (!filing) return title
  const items = filing.items.length > 0 ? `, ${filing.items.map((item) => `item ${item}`).join(', ')}` : ''
  return `${filing.form}${items}`
}

/** `NASDAQ:RPRX Royalty Pharma launches … [2: partnership]`. */
export function summaryOf(alert: Alert): string {
  const head = [subjectOf(alert), headlineOf(alert)].filter(Boolean).join(' ')
  return `${head} [${alert.score}${alert.categories.length > 0 ? `: ${alert.categories.join(', ')}` : ''}]`
}

/** The fields of an alert's log line. */
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
