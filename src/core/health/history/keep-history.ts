import { setImmediate as nextTurn } from 'node:timers/promises'
import { codeOf, messageOf } from '#core/errors.js'
import type { Status } from '#core/health/status.js'
import { type JournalEntry, readNewestSince } from '#core/journal/journal.js'
import { bestEffort } from '#core/platform/best-effort.js'
import { type Clock, every } from '#core/platform/clock.js'
import type { Sample } from './bucket.js'
import { gapsBetween } from './gaps.js'
import { DAYS, type History, HOUR_MS, minuteOf } from './history.js'
import { HistoryFile } from './history-file.js'

/** The counts since the start of the bot. They only grow. */
interface CountsSinceStart {
  readonly cycles: number
  readonly alerts: number
  readonly errors: number
  /** The cycles whose duration is known, and the time that they took in all, in ms. */
  readonly timedCycles: number
  readonly timedMs: number
}

/** What a sample is made of. */
export interface Sampled {
  readonly status: Status
  readonly totals: CountsSinceStart
  readonly memoryMb: number
  readonly delayMs: number
}

export interface KeepHistoryOptions {
  readonly path: string
  readonly journal: string
  readonly sample: () => Sampled
  /** Returns for how long the machine is up, in seconds. */
  readonly upSeconds: () => number
  /** Called with a fault when the file can't be written, and with undefined when it can be again. */
  readonly onFault: (fault: string | undefined) => void
}

/** The interval of samples. The file is read with the first one, when the bot has come up. */
const SAMPLE_MS = 1000
/** A longer pause between two samples was none of the bot's: the machine slept, or its clock was set. */
const JUMP_MS = 60_000
/** A gap beyond this is none of which anything is told: rather the clock is wrong. */
const LONGEST_GAP_MS = DAYS * 24 * HOUR_MS

/**
 * Keeps the history of a bot: a sample each second, which is written once a minute. Nothing of it may disturb the bot: a
 * write that fails is tried again a minute later.
 */
export function keepHistory(
  clock: Clock,
  { path, journal, sample, upSeconds, onFault }: KeepHistoryOptions,
): { readonly history: History; stop(): void } {
  const file = new HistoryFile(path)
  let last: { readonly totals: CountsSinceStart; readonly monotonic: number; readonly wall: number } | undefined
  const begin = async (now: number) => {
    try {
      for (const _step of file.read(now)) await nextTurn()
    } catch (error) {
      onFault(`the history can't be read: ${codeOf(error) ?? 'it is no file'}`)
    }
    const { newest } = file.history
    if (newest === undefined || newest >= now || now - newest > LONGEST_GAP_MS) return
    const bootedAt = now - upSeconds() * 1000
    for (const { from, to, kind } of gapsBetween(newest, now, entriesSince(journal, newest), bootedAt))
      file.addGap(from, to, kind, now)
  }
  const write = (now: number) => {
    const textOf = (error: unknown) => `the history can't be written: ${codeOf(error) ?? messageOf(error)}`
    if (bestEffort(() => file.write(now), onFault, textOf)) onFault(undefined)
  }
  const take = () => {
    const [wall, monotonic] = [clock.now(), clock.monotonic()]
    if (last !== undefined && minuteOf(last.wall) !== minuteOf(wall)) write(wall) // the minute before is whole
    const sampled = sample()
    const ranMs = last === undefined ? 0 : monotonic - last.monotonic
    // a bot that is stopping is counted by its exit, see gapsBetween
    if (sampled.status !== 'stopping') file.add(wall, sampleOf(sampled, last?.totals, Math.min(ranMs, JUMP_MS)))
    last = { totals: sampled.totals, monotonic, wall }
  }
  let isStopped = false
  const stop = every(clock, SAMPLE_MS, async () => {
    if (last === undefined) await begin(clock.now())
    if (!isStopped) take()
  })
  return {
    history: file.history,
    stop() {
      isStopped = true
      stop()
      if (last === undefined) return
      take()
      write(clock.now())
    },
  }
}

/** Returns what happened between two samples. Before the first one nothing was counted. */
function sampleOf(
  { status, totals, memoryMb, delayMs }: Sampled,
  before: CountsSinceStart | undefined,
  ranMs: number,
): Sample {
  const isWorking = status === 'healthy' || status === 'degraded'
  const ran = Math.round(ranMs)
  return {
    cycles: totals.cycles - (before?.cycles ?? 0),
    alerts: totals.alerts - (before?.alerts ?? 0),
    errors: totals.errors - (before?.errors ?? 0),
    timedCycles: totals.timedCycles - (before?.timedCycles ?? 0),
    timedMs: Math.round(totals.timedMs - (before?.timedMs ?? 0)),
    memoryMb,
    delayMs,
    ...(isWorking ? { workingMs: ran } : { failingMs: ran }),
  }
}

function entriesSince(journal: string, since: number): readonly JournalEntry[] {
  try {
    return readNewestSince(journal, since)
  } catch {
    return []
  }
}
