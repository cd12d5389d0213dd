import type { Clock } from '#core/system/clock.js'
import { appendLine, lastLines, readText } from '#core/system/files.js'

/** One thing that happened. `kind` says what; the rest depends on it. */
export interface JournalEntry {
  /** ISO 8601, UTC. */
  readonly time: string
  readonly kind: string
  readonly [detail: string]: unknown
}

/** Appends to the journal. `redact` keeps secrets out of it. */
export interface Journal {
  /** The line is on the disk when the call returns. */
  append(kind: string, details?: Record<string, unknown>): void
  /** The same for what the next line brings onto the disk soon enough: a sync costs milliseconds. */
  note(kind: string, details?: Record<string, unknown>): void
}

export function openJournal(clock: Clock, path: string, redact: (line: string) => string): Journal {
  const write =
    (isSynced: boolean) =>
    (kind: string, details: Record<string, unknown> = {}) => {
      const entry: JournalEntry = { time: new Date(clock.now()).toISOString(), kind, ...details }
      appendLine(path, redact(JSON.stringify(entry)), { isSynced })
    }
  return { append: write(true), note: write(false) }
}

export interface JournalContent {
  readonly entries: readonly JournalEntry[]
  /** Lines that are no entry: cut off by a crash, or edited by hand. They are skipped, and never fatal. */
  readonly damaged: number
}

/** The entries at a journal's end, within its last 4 MB: years of an ordinary bot. */
export function readNewest(path: string): readonly JournalEntry[] {
  return parseLines(lastLines(path, NEWEST_BYTES)).entries
}

const NEWEST_BYTES = 4 * 1024 * 1024

export function readJournal(path: string): JournalContent {
  return parseLines((readText(path) ?? '').split('\n'))
}

function parseLines(lines: readonly string[]): JournalContent {
  const entries: JournalEntry[] = []
  let damaged = 0
  for (const line of lines) {
    if (line.trim() === '') continue
    const entry = parseEntry(line)
    if (entry) entries.push(entry)
    else damaged++
  }
  return { entries, damaged }
}

/** The entry of a line; undefined where it is none. */
export function parseEntry(line: string): JournalEntry | undefined {
  try {
    const value = JSON.parse(line)
    return typeof value?.time === 'string' && typeof value?.kind === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
