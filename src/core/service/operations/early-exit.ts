import { exitOf, isUnexpectedExit } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { inSeconds } from '#core/text.js'

/**
 * Describes how the bot exited unexpectedly, by the journal's entries since its start was ordered; undefined if it
 * didn't. The process that ran `before` doesn't count.
 */
export function newestUnexpectedExit(entries: readonly JournalEntry[], before: number | null): string | undefined {
  const exit = entries.findLast(
    (entry) => isUnexpectedExit(entry) && entry.pid !== before && isOfThisStart(entry, entries),
  )
  return exit && exitText(exit, startOf(exit, entries))
}

/** Returns whether that process has exited because somebody asked it to. */
export function wasAskedToStop(entries: readonly JournalEntry[], pid: number | null): boolean {
  return entries.some((entry) => entry.kind === 'bot.stop' && entry.pid === pid)
}

/**
 * Returns whether the entry is about this start: that a bot was lost is only found out at the next start, which may be
 * much later.
 */
function isOfThisStart(entry: JournalEntry, entries: readonly JournalEntry[]): boolean {
  return entry.kind !== 'bot.lost' || startOf(entry, entries) !== undefined
}

function startOf({ pid }: JournalEntry, entries: readonly JournalEntry[]): JournalEntry | undefined {
  return entries.findLast((entry) => entry.kind === 'bot.start' && entry.pid === pid)
}

function exitText(entry: JournalEntry, start: JournalEntry | undefined): string {
  const after = start ? ` ${secondsBetween(start, entry)} s after its start` : ''
  const why = entry.error ?? entry.reason
  const error = typeof why === 'string' ? `: ${why.replace(/[.\s]+$/, '')}` : ''
  const exit = exitOf(entry)
  if (entry.kind === 'bot.lost') return 'the bot was killed soon after its start'
  if (entry.kind === 'bot.crash' || exit === null) return `the bot crashed${after}${error}`
  return `the bot exited by itself with exit code ${exit}${after && `,${after}`}${error}`
}

function secondsBetween(start: JournalEntry, end: JournalEntry): number {
  return Math.max(0, inSeconds(Date.parse(end.time) - Date.parse(start.time)))
}
