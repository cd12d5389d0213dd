import { backoffMs } from '#core/platform/backoff.js'
import { countOf, localTime } from '#core/text.js'
import { DAY_MS, type StartHistory } from './history.js'

/** The starts in a row that come without a delay. */
const QUICK_STARTS = 3
const FIRST_MS = 10_000
/** The longest backoff. */
export const LONGEST_BACKOFF_MS = 10 * 60_000
/** The share that chance adds, so that bots that crashed together don't all come back in the same moment. */
const JITTER = 0.25

/** The most characters of an error that are quoted. */
const LONGEST_ERROR = 200

export interface StartLimits {
  /** Starts in any 24 hours. */
  readonly startsPerDay: number
}

/** The moment of a start, in ms since 1970. */
export interface StartTime {
  readonly now: number
  /**
   * True where this start is no further try of the same: by a person in a terminal, the first one since the machine's
   * boot, or with other settings. As after a stop that was asked for, only the day's limit delays it.
   */
  readonly isFresh: boolean
}

/** A delay of a start. */
export interface StartDelay {
  /** The wall time of the start, in ms since 1970. */
  readonly until: number
  readonly reason: string
}

/**
 * Returns the delay of the next start; undefined where it is made at once. `random` is a number from 0 to 1.
 *
 * The backoff begins with the exit: none for the first three starts, then 10 s, doubling up to 10 minutes. Once half of
 * the day's starts are used up, there is one in each 2/limit of a day: so that a burst of half of them and a day at that
 * pace stay within the limit together, and the bot is never given up. Only starts that were ordered can use up the rest;
 * then the next one waits until there is one again.
 */
export function startDelay(
  history: StartHistory,
  { now, isFresh }: StartTime,
  { startsPerDay }: StartLimits,
  random: number,
): StartDelay | undefined {
  if (history.isOrdered) return undefined
  const jitter = 1 + JITTER * random
  const delays = [
    ...(isFresh || history.isAsked ? [] : [backoff(history, jitter), pace(history, startsPerDay, jitter)]),
    limit(history, startsPerDay),
  ]
  const [longest] = delays.filter((delay) => delay !== undefined).sort((a, b) => b.until - a.until)
  return longest !== undefined && longest.until > now ? longest : undefined
}

function backoff({ failures, lastExit }: StartHistory, jitter: number): StartDelay | undefined {
  if (failures < QUICK_STARTS || lastExit === undefined) return undefined
  const mostMs = LONGEST_BACKOFF_MS / (1 + JITTER)
  const ms = backoffMs(failures - QUICK_STARTS + 1, { firstMs: FIRST_MS, mostMs }) * jitter
  const how = lastExit.exit === null ? 'it was killed' : `exit code ${lastExit.exit}`
  const error = lastExit.error === undefined ? '' : `: ${lastExit.error.slice(0, LONGEST_ERROR)}`
  return { until: lastExit.at + ms, reason: `it exited ${failures} times within minutes (${how})${error}` }
}

function pace({ starts }: StartHistory, startsPerDay: number, jitter: number): StartDelay | undefined {
  const last = starts.at(-1)
  if (last === undefined || starts.length < Math.floor(startsPerDay / 2)) return undefined
  return { until: last + ((2 * DAY_MS) / startsPerDay) * jitter, reason: startsText(starts, startsPerDay) }
}

function limit({ starts }: StartHistory, startsPerDay: number): StartDelay | undefined {
  const oldest = starts.toSorted((a, b) => a - b).at(-startsPerDay)
  if (oldest === undefined || starts.length < startsPerDay) return undefined
  return { until: oldest + DAY_MS, reason: startsText(starts, startsPerDay) }
}

function startsText(starts: readonly number[], startsPerDay: number): string {
  return `it was started ${countOf(starts.length, 'time')} in 24 hours (BOT_STARTS_PER_DAY=${startsPerDay})`
}

/** The time from which a clock alone is not clear. */
const SAME_DAY_MS = DAY_MS / 2

/** Describes a delay, as its bot reports it. */
export function delayText({ until, reason }: StartDelay, now: number): string {
  return `waits until ${untilText(until, now)} before the next start: ${reason}`
}

function untilText(until: number, now: number): string {
  const text = localTime(until)
  return until - now < SAME_DAY_MS ? text.slice(text.indexOf(' ') + 1) : text
}
