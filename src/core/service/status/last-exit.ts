import { EXIT } from '#core/errors.js'
import { exitOf, isUnexpectedExit } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'
import type { ServiceObservation } from '#core/service/manager.js'

export interface LastExit {
  readonly at: string
  readonly kind: 'stopped' | 'ended' | 'crashed' | 'killed'
  /** The exit code; null if it was killed. */
  readonly exit: number | null
  /** The reason, and what to do about it, if that is known. */
  readonly reason?: string
}

/**
 * The tolerance between two records of one exit: managers report whole seconds, and the journal's line comes a moment
 * before the exit.
 */
const SAME_EXIT_MS = 10_000
const WHOLE_SECOND_MS = 1000

const EXITS: Readonly<Record<string, LastExit['kind']>> = {
  'bot.stop': 'stopped',
  'bot.exit': 'ended',
  'bot.crash': 'crashed',
  'bot.lost': 'killed',
}

/**
 * Returns how the bot last exited: by the journal, unless its manager knows of a later exit. The journal lacks one that
 * exited before it could write there, or was killed.
 */
export function lastExit(entries: readonly JournalEntry[], seen?: ServiceObservation['ended']): LastExit | null {
  const entry = entries.findLast(({ kind }) => kind in EXITS)
  const known = entry === undefined ? Number.NEGATIVE_INFINITY : Date.parse(entry.time)
  const later = seen?.at ? Date.parse(seen.at) - known : Number.NEGATIVE_INFINITY
  if (seen?.at && (later > SAME_EXIT_MS || (later > -WHOLE_SECOND_MS && seen.exit !== processExitOf(entry))))
    return { at: seen.at, kind: seen.exit === null ? 'killed' : 'ended', exit: seen.exit }
  if (entry === undefined) return null
  const kind = EXITS[entry.kind] as LastExit['kind']
  const reason = entry.reason ?? (entry.kind === 'bot.exit' ? entry.error : undefined)
  return {
    at: entry.time,
    kind,
    exit: exitOf(entry),
    ...(typeof reason === 'string' && { reason }),
  }
}

/** Returns whether nobody asked for this exit. */
export function isUnexpected({ kind }: Pick<LastExit, 'kind'>): boolean {
  return kind !== 'stopped'
}

/** Returns the exit code of our own process: it is 0 after a stop on request, however the program has ended. */
function processExitOf(entry: JournalEntry | undefined): unknown {
  return entry?.kind === 'bot.stop' ? EXIT.done : entry?.exit
}

/** Counts the unexpected exits since somebody last started the service. */
export function countUnexpectedExits(entries: readonly JournalEntry[]): number {
  const begin = entries.findLastIndex(({ kind }) => /^service\.(install|start|restart)$/.test(kind))
  return entries.slice(begin + 1).filter(isUnexpectedExit).length
}
