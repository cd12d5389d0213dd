import { isExit, isUnexpectedExit } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'

/** A stretch of time in which no bot ran: it was down, or was stopped on purpose. */
export interface Gap {
  readonly from: number
  readonly to: number
  readonly kind: 'failingMs' | 'stoppedMs'
}

/** The time before a stop in which a restart by the watchdog, or a person's order, is its cause. */
const CAUSE_MS = 15 * 60_000

/**
 * Returns what the bot was between its last sample and its next start, by the journal's entries and the time at which the
 * machine was booted. A stop that somebody asked for is one on purpose, unless the watchdog made it to restart a bot that
 * did not work. If the machine was booted after it, and no person is known to have stopped the bot, it went down with the
 * machine: nothing is told of the time up to the boot. All else is an outage.
 */
export function gapsBetween(from: number, to: number, entries: readonly JournalEntry[], bootedAt = from): Gap[] {
  const gaps: Gap[] = []
  let began = from
  let kind: Gap['kind'] = 'failingMs'
  let restartedAt = Number.NEGATIVE_INFINITY
  let orderedAt = Number.NEGATIVE_INFINITY
  let isOrdered = false
  const add = (gap: Gap) => {
    if (gap.to > gap.from) gaps.push(gap)
  }
  const end = (at: number) => {
    if (kind === 'stoppedMs' && !isOrdered && bootedAt > began && bootedAt <= at)
      add({ from: bootedAt, to: at, kind: 'failingMs' })
    else add({ from: began, to: at, kind })
    began = Math.max(began, at)
  }
  for (const entry of entries) {
    const at = Math.min(Date.parse(entry.time), to)
    if (Number.isNaN(at)) continue
    if (entry.kind === 'incident' && entry.state === 'restarting') restartedAt = at
    if (entry.kind === 'service.stop' && entry.role !== 'watchdog') {
      orderedAt = at
      isOrdered = true // it may be written down after the exit
    }
    if (entry.kind !== 'bot.start' && !isExit(entry)) continue
    const isOnPurpose = isExit(entry) && !isUnexpectedExit(entry) && at - restartedAt > CAUSE_MS
    const next = isOnPurpose ? 'stoppedMs' : 'failingMs'
    if (next !== kind) end(at)
    kind = next
    isOrdered = isOnPurpose && (entry.asked_by === 'SIGINT' || at - orderedAt <= CAUSE_MS)
  }
  end(to)
  return gaps
}
