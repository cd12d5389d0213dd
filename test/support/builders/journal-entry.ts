import type { JournalEntry } from '#core/journal/journal.js'

/** Returns an entry of noon; among its details there may be another time. */
export function anEntry(kind: string, details: Readonly<Record<string, unknown>> = {}): JournalEntry {
  return { time: '2026-03-01T12:00:00.000Z', kind, ...details }
}
