import type { JournalEntry } from '#core/journal/journal.js'

/** The wait of a bot for its start. */
export interface StartWait {
  /** The time of the start, ISO 8601. */
  readonly until: string
  readonly reason: string
}

/** Returns what a bot waits for before its start, by the journal; undefined where it doesn't wait. */
export function currentWait(entries: readonly JournalEntry[], instance: string | undefined): StartWait | undefined {
  const last = entries.findLast((entry) => entry.instance === instance)
  if (instance === undefined || last?.kind !== 'bot.wait') return undefined
  return { until: String(last.until), reason: String(last.reason) }
}
