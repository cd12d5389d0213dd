import { objectIn } from '#core/json.js'
import type { Bucket, Sample } from './bucket.js'

/** A line of the history's file: figures that are added to a minute and its hour, or to an hour alone. */
export interface HistoryLine {
  readonly of: 'minute' | 'hour'
  /** The time of the last sample in it, in ms since 1970: it says also which minute or hour. */
  readonly at: number
  readonly sample: Sample
}

/** The names of the figures in the file. Zeros are left out. */
const NAMES = {
  cycles: 'cycles',
  alerts: 'alerts',
  errors: 'errors',
  timed_cycles: 'timedCycles',
  timed_ms: 'timedMs',
  memory_mb: 'memoryMb',
  delay_ms: 'delayMs',
  working_ms: 'workingMs',
  failing_ms: 'failingMs',
  stopped_ms: 'stoppedMs',
} as const satisfies Record<string, keyof Bucket>
const ENTRIES = Object.entries(NAMES)

/** A figure beyond this was never measured, whatever happened in an hour. */
const LARGEST = 1e12

export function lineOf({ of, at, sample }: HistoryLine): string {
  const figures = ENTRIES.flatMap(([name, key]) => (sample[key] ? [[name, Math.round(sample[key])]] : []))
  return JSON.stringify({ [of]: new Date(at).toISOString(), ...Object.fromEntries(figures) })
}

/** Returns what a line holds; undefined for one that is damaged. */
export function parseLine(line: string): HistoryLine | undefined {
  const value = objectIn(line)
  if (value === undefined) return undefined
  const of = 'minute' in value ? 'minute' : 'hour'
  const at = typeof value[of] === 'string' ? Date.parse(value[of]) : Number.NaN
  if (Number.isNaN(at)) return undefined
  const sample: Sample = {}
  for (const [name, key] of ENTRIES) {
    const figure = value[name] ?? 0
    if (typeof figure !== 'number' || !(figure >= 0 && figure <= LARGEST)) return undefined
    if (figure > 0) sample[key] = Math.round(figure)
  }
  return { of, at, sample }
}
