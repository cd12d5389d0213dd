import type { Outage } from './faults.js'
import { type Growth, growthOf, type Point, WARM_UP_SHARE } from './growth.js'
import type { LineFault } from './lines.js'

/** Figures of a process or a home at one moment, as a line of the samples' file. */
export interface Sample {
  /** Hours of the home's clock since the beginning. */
  readonly hours: number
  readonly home: string
  /** `bot`, `watchdog`, or `home` for its files. */
  readonly of: string
  readonly pid?: number | undefined
  readonly figures: Readonly<Record<string, number>>
}

/** A figure that must not grow, of a process of a home or of its files. */
interface Watched {
  readonly home: string
  readonly of: string
  readonly figure: string
}

/** A figure that was watched, and what it did. */
export interface Finding extends Watched {
  /** Undefined where the run was too short to tell. */
  readonly growth: Growth | undefined
}

const MB = 1024 * 1024

/** By how much a figure may grow after the warm-up before it counts: always so much, or a share of what it is. */
const TOLERANCES: Readonly<Record<string, { readonly least: number; readonly share: number }>> = {
  private_bytes: { least: 4 * MB, share: 0.08 },
  live_heap_bytes: { least: 0.5 * MB, share: 0.04 },
  external_bytes: { least: 0.5 * MB, share: 0.04 },
  descriptors: { least: 3, share: 0 },
  threads: { least: 2, share: 0 },
  timers: { least: 3, share: 0 },
  resources: { least: 3, share: 0 },
  files: { least: 3, share: 0 },
}

const OUTSIDE = ['private_bytes', 'descriptors', 'threads']
const INSIDE = ['live_heap_bytes', 'external_bytes', 'timers', 'resources']

/** The homes of a soak. */
export const UNTOUCHED = 'untouched'
export const MEASURED = 'measured'
export const DISTURBED = 'disturbed'

/**
 * What is watched where. Asking for the live heap collects garbage, and so keeps memory small: hence one home is only
 * watched from outside. A bot that is killed again and again has no time to grow, but its watchdog has.
 */
const WATCHED: readonly Watched[] = [
  ...watched(UNTOUCHED, ['bot', 'watchdog'], OUTSIDE),
  ...watched(MEASURED, ['bot', 'watchdog'], INSIDE),
  ...watched(DISTURBED, ['watchdog'], ['descriptors', ...INSIDE]),
  ...[UNTOUCHED, MEASURED, DISTURBED].flatMap((home) => watched(home, ['home'], ['files'])),
]

function watched(home: string, all: readonly string[], figures: readonly string[]): Watched[] {
  return all.flatMap((of) => figures.map((figure) => ({ home, of, figure })))
}

/**
 * The length from which a run is long, in minutes of this machine. In a short one V8's heap has not found its size, so that
 * private memory says nothing, and code still runs, and is compiled, for the first time: the live heap may gain more.
 */
const LONG_MINUTES = 15
const SHORT_FACTOR = 3

/** Returns what each watched figure does in a run that took so many minutes of this machine. */
export function findings(samples: readonly Sample[], minutes: number): Finding[] {
  const isShort = minutes < LONG_MINUTES
  return WATCHED.map((one) => {
    if (one.figure === 'private_bytes' && isShort) return { ...one, growth: undefined }
    const points = samples
      .filter(({ home, of, figures }) => home === one.home && of === one.of && figures[one.figure] !== undefined)
      .map(({ hours, figures }): Point => ({ hours, value: figures[one.figure] as number }))
    return { ...one, growth: growthOf(points, (median) => toleranceOf(one.figure, median, isShort)) }
  })
}

function toleranceOf(figure: string, median: number, isShort: boolean): number {
  const { least, share } = TOLERANCES[figure] as { least: number; share: number }
  return Math.max(least, share * median) * (isShort && figure === 'live_heap_bytes' ? SHORT_FACTOR : 1)
}

/** What a soak has seen, but for the samples. */
export interface Seen {
  readonly outages: readonly Outage[]
  /** Bots that ended although nothing was done to them, or whose watchdog did. */
  readonly unasked: readonly string[]
  readonly lineFaults: readonly (LineFault & { readonly home: string })[]
  /** What exceeds its limit on disk, or went wrong at the end. */
  readonly others: readonly string[]
}

/** Returns why a soak has failed; nothing where it has passed. */
export function failures(all: readonly Finding[], { outages, unasked, lineFaults, others }: Seen): string[] {
  return [
    ...all.filter(({ growth }) => growth?.isGrowing).map((one) => `it grows: ${findingText(one)}`),
    ...outages
      .filter(({ recovered_seconds }) => recovered_seconds === undefined)
      .map(({ fault }) => `a bot did not come back after: ${fault}`),
    ...unasked,
    ...lineFaults.map(({ home, run, what }) => `log of ${home}, process ${run}: ${what}`),
    ...others,
  ]
}

/** Describes what a figure does, in one line. */
export function findingText({ home, of, figure, growth }: Finding): string {
  const name = `${home} ${of === 'home' ? '' : `${of} `}${figure}`
  if (growth === undefined) return `${name}: too short a run to tell`
  const isBytes = figure.endsWith('_bytes')
  const value = (number: number) => (isBytes ? `${(number / MB).toFixed(2)} MB` : number.toFixed(1))
  const { median, by, low, high, late, hours } = growth
  const range = `${value(low)} to ${value(high)}`
  const later = `at the pace of the second half ${value(late)}`
  return `${name}: ${value(median)}; in ${hours.toFixed(1)} h by ${value(by)} (95 %: ${range}), ${later}`
}

/** Returns when a run of such a length is warm, in the same unit. */
export function warmAt(length: number): number {
  return length * WARM_UP_SHARE
}
