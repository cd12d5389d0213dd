import { exitOf, isExit } from '#core/journal/bot-exits.js'
import type { JournalEntry } from '#core/journal/journal.js'
import { isRestartByDeployment, isStartByPerson } from '#core/journal/start-reason.js'

export const DAY_MS = 24 * 60 * 60_000
/** The time after which a run counts as a good one, however it exits: the backoff begins anew. */
const SETTLED_MS = 10 * 60_000

/** An exit, as far as the journal tells of it. */
interface LastExit {
  readonly at: number
  /** The exit code; null where it was killed. */
  readonly exit: number | null
  /** The error, in one line. */
  readonly error?: string
}

/** The starts of a bot in the last 24 hours, as far as they decide about the next one. Times are in ms since 1970. */
export interface StartHistory {
  /** The times of the starts, oldest first. */
  readonly starts: readonly number[]
  /** The number of runs in a row, of this version, that exited unexpectedly before they had settled. */
  readonly failures: number
  /** The last exit; undefined where none is known. */
  readonly lastExit: LastExit | undefined
  /** True where the last exit was asked for: by a stop, or by a drill. */
  readonly isAsked: boolean
  /** True where a person or a deployment has ordered a start since the last one. */
  readonly isOrdered: boolean
}

interface Reading extends Omit<StartHistory, 'starts'> {
  /** The run that has not exited yet. */
  readonly run: { readonly at: number; readonly isDrilled: boolean } | undefined
  /** The release that was started last; null: the working tree. */
  readonly release: unknown
}

const NOTHING: Reading = {
  failures: 0,
  lastExit: undefined,
  isAsked: false,
  isOrdered: false,
  run: undefined,
  release: undefined,
}

/** Returns the starts that the journal tells of. Runs of `--once` don't count. `now` is wall time, in ms since 1970. */
export function startHistory(entries: readonly JournalEntry[], now: number): StartHistory {
  const starts: number[] = []
  let reading = NOTHING
  for (const entry of entries) {
    const at = Math.min(now, Date.parse(entry.time)) // a time in the future, since the clock was set back, counts as now
    if (!(now - at < DAY_MS)) continue
    if (isStart(entry)) starts.push(at)
    reading = withEntry(reading, entry, at)
  }
  return { ...withUnknownExit(reading, now), starts }
}

function isStart({ kind, once }: JournalEntry): boolean {
  return kind === 'bot.start' && once !== true
}

function withEntry(reading: Reading, entry: JournalEntry, at: number): Reading {
  if (isStart(entry)) return withStart(reading, entry, at)
  if (isExit(entry)) return withExit(reading, entry, at)
  if (entry.kind === 'drill') return { ...reading, run: reading.run && { ...reading.run, isDrilled: true } }
  return isStartByPerson(entry) || isRestartByDeployment(entry) ? { ...reading, isOrdered: true } : reading
}

function withStart(reading: Reading, { release }: JournalEntry, at: number): Reading {
  const before = withUnknownExit(reading, at)
  return {
    ...before,
    failures: release === before.release ? before.failures : 0,
    isAsked: false,
    isOrdered: false,
    run: { at, isDrilled: false },
    release,
  }
}

/** Adds an exit. One without a run is that of a bot that was never started, as by a port that is taken. */
function withExit(reading: Reading, entry: JournalEntry, at: number): Reading {
  const { run } = reading
  const isStop = entry.kind === 'bot.stop'
  if (run === undefined && !isStop) return reading
  const isAsked = isStop || run?.isDrilled === true
  const ended = { ...reading, run: undefined, isAsked, lastExit: lastExitOf(entry, at) }
  const { ran_seconds } = entry
  const ranMs = typeof ran_seconds === 'number' ? ran_seconds * 1000 : at - (run?.at ?? at)
  return isAsked && ranMs < SETTLED_MS ? ended : withRun(ended, ranMs)
}

function lastExitOf(entry: JournalEntry, at: number): LastExit {
  const { error } = entry
  return { at, exit: exitOf(entry), ...(typeof error === 'string' && { error }) }
}

/** Closes a run that is over by then, and whose exit nobody wrote down, as on a full disk. */
function withUnknownExit(reading: Reading, at: number): Reading {
  const { run } = reading
  if (run === undefined) return reading
  return withRun({ ...reading, run: undefined, lastExit: { at: run.at, exit: null } }, at - run.at)
}

/** Counts a run that was over after so long. */
function withRun(reading: Reading, ranMs: number): Reading {
  return { ...reading, failures: ranMs >= SETTLED_MS ? 0 : reading.failures + 1 }
}
