import type { HomePaths } from '#core/home/home-paths.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'

/** The content of `.catalyst/state/unwritten-starts.json`: starts that the journal did not take, oldest first. */
interface UnwrittenStarts {
  readonly starts: readonly JournalEntry[]
}

/** The number of starts that are kept: they fit into a spare file, and are enough for the longest backoff. */
const KEPT = 20

/** Returns the starts that the journal did not take, as on a full disk: else a bot that crashes there starts without end. */
export function readUnwrittenStarts({ unwrittenStarts }: HomePaths): readonly JournalEntry[] {
  return readJson<UnwrittenStarts>(unwrittenStarts, isWhole)?.starts ?? []
}

/** Adds one. Unlike the journal, this file can be written on a full disk: it is made of a spare one. */
export function addUnwrittenStart(paths: HomePaths, now: number, release: string | null): void {
  const start = { time: new Date(now).toISOString(), kind: 'bot.start', release }
  writeJson(paths.unwrittenStarts, { starts: [...readUnwrittenStarts(paths), start].slice(-KEPT) })
}

function isWhole({ starts }: Record<string, unknown>): boolean {
  return Array.isArray(starts) && starts.every((one) => typeof one?.time === 'string' && one?.kind === 'bot.start')
}
