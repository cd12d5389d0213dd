import { exitOf, isUnexpectedEnd } from '#core/journal/bot-ends.js'
import type { JournalEntry } from '#core/journal/journal.js'
import type { ServiceReading } from './manager.js'

export interface LastEnd {
  readonly at: string
  readonly kind: 'stopped' | 'ended' | 'crashed' | 'killed'
  /** Null for one that was killed. */
  readonly exit: number | null
}

/** Managers tell whole seconds, and the journal's line comes a moment before the end. */
const SAME_END_MS = 10_000
const WHOLE_SECOND_MS = 1000

const ENDS: Readonly<Record<string, LastEnd['kind']>> = {
  'bot.stop': 'stopped',
  'bot.exit': 'ended',
  'bot.crash': 'crashed',
  'bot.lost': 'killed',
}

/**
 * How the bot last ended: by the journal, unless its manager knows of a later end. One that ended before it could write
 * there, or was killed, the journal doesn't have.
 */
export function lastEnd(entries: readonly JournalEntry[], seen?: ServiceReading['ended']): LastEnd | null {
  const entry = entries.findLast(({ kind }) => kind in ENDS)
  const known = entry === undefined ? Number.NEGATIVE_INFINITY : Date.parse(entry.time)
  const later = seen?.at ? Date.parse(seen.at) - known : Number.NEGATIVE_INFINITY
  if (seen?.at && (later > SAME_END_MS || (later > -WHOLE_SECOND_MS && seen.exit !== entry?.exit)))
    return { at: seen.at, kind: seen.exit === null ? 'killed' : 'ended', exit: seen.exit }
  if (entry === undefined) return null
  const kind = ENDS[entry.kind] as LastEnd['kind']
  return { at: entry.time, kind, exit: exitOf(entry) }
}

/** Ends that nobody asked for, since somebody last started the service. */
export function unexpectedEnds(entries: readonly JournalEntry[]): number {
  const begin = entries.findLastIndex(({ kind }) => /^service\.(install|start|restart)$/.test(kind))
  return entries.slice(begin + 1).filter(isUnexpectedEnd).length
}
