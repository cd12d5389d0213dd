import { isExit, isUnexpectedExit } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'

/** A stretch of time in which no bot ran: it was down, or was stopped on purpose. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly kind: 'failingMs' | 'stoppedMs'
}

/** The time before a stop in which a restart by the watchdog is its cause. */
const RESTART_MS = 15 * 60_000

/**
 * Returns what the bot was between its last sample and its next start, by the journal's entries. A stop that somebody
 * asked for is one on purpose, unless the watchdog made it to restart a bot that did not work. All else is an outage.
 */
export function gapsBetween(from: number, to: number, entries: readonly JournalEntry[]): Gap[] {
  const gaps: Gap[] = []
  let began = from
  let kind: Gap['kind'] = 'failingMs'
  let restartedAt = Number.NEGATIVE_INFINITY
  const end = (at: number) => {
    if (at > began) gaps.push({ from: began, to: at, kind })
    began = Math.max(began, at)
  }
  for (const entry of entries) {
    const at = Math.min(Date.parse(entry.time), to)
    if (entry.kind === 'incident' && entry.state === 'restarting') restartedAt = at
    if (entry.kind !== 'bot.start' && !isExit(entry)) continue
    const isOnPurpose = isExit(entry) && !isUnexpectedExit(entry) && at - restartedAt > RESTART_MS
    const next = isOnPurpose ? 'stoppedMs' : 'failingMs'
    if (next !== kind) end(at)
    kind = next
  }
  end(to)
  return gaps
}
