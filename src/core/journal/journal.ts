import type { Clock } from '#core/platform/clock.js'
import { lastLines, readText } from '#core/platform/fs/files.js'
import { appendLine } from '#core/platform/fs/write-files.js'

/** One event. `kind` says which; the rest depends on it. */
export interface JournalEntry {
  /** The time, ISO 8601, UTC. */
  readonly time: string
  readonly kind: string
  readonly [detail: string]: unknown
}

/** A journal to append to; secrets are redacted. */
export interface Journal {
  /** Appends an entry, which is flushed to the disk when the call returns. */
  append(kind: string, details?: Record<string, unknown>): void
  /** Appends an entry that the next one flushes soon enough: a flush costs milliseconds. */
  note(kind: string, details?: Record<string, unknown>): void
}

export function openJournal(clock: Clock, path: string, redact: (line: string) => string): Journal {
  const write =
    (isSynced: boolean) =>
    (kind: string, details: Record<string, unknown> = {}) => {
      const entry: JournalEntry = { time: new Date(clock.now()).toISOString(), kind, ...details }
      appendLine(path, redact(JSON.stringify(entry)), { isSynced, follows: false })
    }
  return { append: write(true), note: write(false) }
}

export interface JournalContent {
  readonly entries: readonly JournalEntry[]
  /** Lines that are no entry: truncated by a crash, or edited by hand. They are skipped, and never fatal. */
  readonly damaged: number
}

/** Returns the newest entries of a journal, within its last 4 MB: years of an ordinary bot. */
export function readNewest(path: string): readonly JournalEntry[] {
  return parseLines(lastLines(path, NEWEST_BYTES)).entries
}

/** Returns the newest entries, among them all since a wall time in ms, as far as {@link readNewest} reaches. */
export function readNewestSince(path: string, since: number): readonly JournalEntry[] {
  const { entries } = parseLines(lastLines(path, FEW_BYTES))
  const [oldest] = entries
  return oldest !== undefined && Date.parse(oldest.time) < since ? entries : readNewest(path)
}

/**
 * Returns the entries at the end of a journal, and of those before only what tells of versions, as far as
 * {@link readNewest} reaches: parsing all of a large journal takes longer than all else that `status` does.
 */
export function readRecent(path: string): readonly JournalEntry[] {
  const lines = lastLines(path, NEWEST_BYTES)
  let recent = lines.length
  for (let left = FEW_BYTES; recent > 0 && left > 0; recent--) left -= lines[recent - 1]?.length ?? 0
  const older = lines.slice(0, recent).filter((line) => OF_VERSIONS.test(line))
  return parseLines([...older, ...lines.slice(recent)]).entries
}

const OF_VERSIONS = /"kind"\s*:\s*"(?:deploy\.(?!step)|rating"|verdict")/

const NEWEST_BYTES = 4 * 1024 * 1024
/** Some days of an ordinary bot: parsing more would take its time at every start. */
const FEW_BYTES = 64 * 1024

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

/** Returns the entry in a line; undefined if there is none. */
export function parseEntry(line: string): JournalEntry | undefined {
  try {
    const value = JSON.parse(line)
    return typeof value?.time === 'string' && typeof value?.kind === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
