import { readText } from '#core/platform/fs/files.js'
import { kindAt } from '#core/platform/fs/links.js'
import { appendLine, writeAtomically } from '#core/platform/fs/write-files.js'
import { addTo, type Bucket, emptyBucket, type Sample } from './bucket.js'
import { History, HOUR_MS, hourOf, MAXIMUM_HOURS, MAXIMUM_MINUTES, MINUTE_MS, minuteOf, minutesOf } from './history.js'
import { type HistoryLine, lineOf, parseLine } from './history-lines.js'

/** The lines that are appended before the file is written anew. */
const MAXIMUM_APPENDED = 24 * 60
/** The minutes that wait to be written, as after a full disk, from which on the file is written anew. */
const MANY = 60
/** The longest line: each of its 10 figures has at most 13 digits. */
const LONGEST_LINE = 340
/** The most lines that the file has. */
const MAXIMUM_LINES = MAXIMUM_MINUTES + MAXIMUM_HOURS + MAXIMUM_APPENDED + MANY
/** The largest size of the file, in bytes, whatever happens. */
export const MAXIMUM_BYTES = MAXIMUM_LINES * LONGEST_LINE
/** The lines that are read in one step: some milliseconds, also of a slow machine. */
const LINES_IN_STEP = 200
/** A gap up to this is appended; for a longer one the file is written anew. */
const SHORT_GAP_MS = (MANY / 2) * MINUTE_MS

/**
 * The file of a history: lines that are added up. What is new is appended, and once a day the file is written anew with
 * what is left of it: hours, and the minutes of the last day.
 */
export class HistoryFile {
  readonly history = new History()
  readonly #path: string
  /** What isn't in the file yet, by the minute, with the time of its last sample. */
  readonly #unwritten = new Map<number, { at: number; bucket: Bucket }>()
  #appended = 0
  #isWhole = true

  constructor(path: string) {
    this.#path = path
  }

  /**
   * Reads the file in steps, between which the bot may go on. One that is missing, too large or damaged gives what can be read of it, and is written anew; so is
   * what is no file at all. Lines of any time are kept: it may be the clock that is wrong, as at the boot of a machine
   * without a battery.
   * @throws the system's error
   */
  *read(now: number): Generator<void> {
    this.#isWhole = false
    if (kindAt(this.#path) === 'link') return // perhaps into a folder of somebody else
    const text = readText(this.#path, MAXIMUM_BYTES)
    this.#isWhole = text !== undefined
    const lines = (text ?? '').split('\n').slice(-MAXIMUM_LINES - 1)
    for (const [index, line] of lines.entries()) {
      const found = line === '' ? undefined : parseLine(line)
      if (found !== undefined) this.#take(found, now)
      if (index % LINES_IN_STEP === LINES_IN_STEP - 1) yield
    }
    this.history.prune(now)
    this.#appended = Math.max(0, lines.length - this.history.minutes.size - this.history.hours.size)
  }

  #take({ of, at, sample }: HistoryLine, now: number): void {
    if (of === 'hour') this.history.addHour(at, sample)
    else if (at <= now + HOUR_MS) this.history.add(at, sample)
    else this.history.addLater(at, sample)
  }

  /** Adds what happened up to now. It is in the file after the next {@link write}. */
  add(at: number, sample: Sample): void {
    this.history.add(at, sample)
    const minute = minuteOf(at)
    const { bucket } = this.#unwritten.get(minute) ?? { bucket: emptyBucket() }
    addTo(bucket, sample)
    this.#unwritten.set(minute, { at, bucket })
  }

  /** Adds a stretch of time in which the bot did not run. */
  addGap(from: number, to: number, kind: 'failingMs' | 'stoppedMs', now: number): void {
    if (to - from <= SHORT_GAP_MS) {
      for (const { at, ms } of minutesOf(from, to)) this.add(at, { [kind]: ms })
      return
    }
    this.history.addGap(from, to, kind, now)
    this.#isWhole = false
  }

  /**
   * Writes what is new. Where that fails, it is tried again with the next call, and nothing is lost.
   * @throws the system's error
   */
  write(now: number): void {
    this.history.prune(now)
    if (!this.#isWhole || this.#unwritten.size > MANY || this.#appended >= MAXIMUM_APPENDED) this.#writeAnew(now)
    else this.#append()
  }

  #append(): void {
    for (const [minute, { at, bucket }] of this.#unwritten) {
      const line = lineOf({ of: 'minute', at, sample: bucket })
      appendLine(this.#path, line, { isSynced: false, follows: false })
      this.#unwritten.delete(minute)
      this.#appended++
    }
  }

  #writeAnew(now: number): void {
    writeAtomically(this.#path, textOf(this.history, now))
    this.#unwritten.clear()
    this.#appended = 0
    this.#isWhole = true
  }
}

/** Returns a history as lines: the hours whose minutes aren't all kept as hours, all later ones by the minute. */
function textOf(history: History, now: number): string {
  const byMinute = hourOf(now - (MAXIMUM_MINUTES - 60) * MINUTE_MS)
  const isKept = (at: number) => at >= byMinute && at <= now + HOUR_MS
  const hours = [...history.hours].filter(([at]) => !isKept(at)).sort(inTime)
  const minutes = [...history.minutes].filter(([at]) => isKept(hourOf(at))).sort(inTime)
  const newest = history.newest ?? now
  const lines = [
    ...hours.map(([at, sample]) => lineOf({ of: 'hour', at, sample })),
    ...minutes.map(([at, sample]) => lineOf({ of: 'minute', at: minuteOf(newest) === at ? newest : at, sample })),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function inTime([one]: readonly [number, Bucket], [other]: readonly [number, Bucket]): number {
  return one - other
}
