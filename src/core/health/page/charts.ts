import { type Bucket, knownMs } from '#core/health/history/bucket.js'
import type { History } from '#core/health/history/history.js'
import { clockText, countText, dayText } from './words.js'

export const RANGES = ['hour', 'day', '90-days'] as const
/** The time that charts show. */
export type Range = (typeof RANGES)[number]

export const RANGE_WORDS: Readonly<
  Record<Range, { readonly short: string; readonly long: string; readonly step: string }>
> = {
  hour: { short: 'Hour', long: 'last hour', step: 'a minute' },
  day: { short: 'Day', long: 'last 24 hours', step: '15 minutes' },
  '90-days': { short: '90 days', long: 'last 90 days', step: 'a day' },
}

/** A chart of one figure. */
export interface Chart {
  readonly name: string
  readonly title: string
  readonly unit: string
  /** A count, which adds up; else a measure, of which the largest is told. */
  readonly isCount: boolean
  /** Returns the figure of a span; null where it isn't known. */
  readonly value: (bucket: Bucket) => number | null
  readonly text: (value: number) => string
}

const count = (name: 'cycles' | 'alerts' | 'errors', title: string): Chart => ({
  name,
  title,
  unit: name,
  isCount: true,
  value: (bucket) => bucket[name],
  text: countText,
})

export const CHARTS: readonly Chart[] = [
  count('cycles', 'Cycles'),
  count('alerts', 'Alerts'),
  count('errors', 'Errors'),
  {
    name: 'cycle-time',
    title: 'Cycle time',
    unit: 'seconds',
    isCount: false,
    value: ({ timedCycles, timedMs }) => (timedCycles === 0 ? null : timedMs / timedCycles / 1000),
    text: (seconds) =>
      seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`,
  },
  {
    name: 'memory',
    title: 'Memory',
    unit: 'MB',
    isCount: false,
    value: ({ memoryMb }) => (memoryMb === 0 ? null : memoryMb),
    text: (mb) => `${countText(mb)} MB`,
  },
  {
    name: 'event-loop-delay',
    title: 'Event-loop delay',
    unit: 'ms',
    isCount: false,
    value: ({ delayMs, memoryMb }) => (memoryMb === 0 ? null : delayMs),
    text: (ms) => `${countText(ms)} ms`,
  },
]

/** A span of a chart, and its figure; null where nothing is known. */
export interface Point {
  readonly at: number
  readonly value: number | null
}

export type Spans = readonly { readonly at: number; readonly bucket: Bucket | undefined }[]

/** Returns the spans of a range: 60 minutes, 96 quarters of an hour, or 90 days. */
export function spansOf(history: History, range: Range, now: number): Spans {
  switch (range) {
    case 'hour':
      return history.spans(now, 60, 1)
    case 'day':
      return history.spans(now, 96, 15)
    case '90-days':
      return history.days(now).map(({ from, bucket }) => ({ at: from, bucket: isKnown(bucket) ? bucket : undefined }))
  }
}

function isKnown(bucket: Bucket): boolean {
  return knownMs(bucket) > 0 || bucket.cycles + bucket.alerts + bucket.errors > 0
}

export function pointsOf(spans: Spans, chart: Chart): Point[] {
  return spans.map(({ at, bucket }) => ({ at, value: bucket === undefined ? null : chart.value(bucket) }))
}

/** Returns the figures that a chart is told by: the sum of a count, the newest of a measure; and the largest of either. */
export function summaryOf(points: readonly Point[], chart: Chart): { readonly figure: string; readonly most: string } {
  const known = points.flatMap(({ value }) => (value === null ? [] : [value]))
  if (known.length === 0) return { figure: '–', most: 'not known yet' }
  const most = Math.max(...known)
  if (!chart.isCount) return { figure: chart.text(known.at(-1) as number), most: `at most ${chart.text(most)}` }
  const sum = known.reduce((total, value) => total + value, 0)
  return { figure: chart.text(sum), most: most === 0 ? 'none' : `at most ${chart.text(most)}` }
}

/** Returns the time of a span as the range tells it. */
export function spanText(at: number, range: Range): string {
  return range === '90-days' ? dayText(at) : clockText(at)
}

/** Returns what a chart reaches from and to. Memory is told from below what it was: a leak shows as a slope. */
export function boundsOf(
  values: readonly number[],
  { name }: Pick<Chart, 'name'>,
): readonly [low: number, high: number] {
  if (values.length === 0) return [0, 1]
  const high = Math.max(1e-9, ...values)
  const low = Math.min(high, ...values)
  return [name === 'memory' ? Math.max(0, low - Math.max(high - low, high * 0.1) * 0.6) : 0, high]
}

const WIDTH = 240
const HEIGHT = 56

/** Returns the path of a small chart in a box of 240 × 56: bars for a count, else a line with gaps; and the area below it. */
export function sparkline(points: readonly Point[], chart: Chart): { line: string; area: string } {
  const [low, high] = boundsOf(
    points.flatMap(({ value }) => value ?? []),
    chart,
  )
  const step = WIDTH / points.length
  const y = (value: number) => round(HEIGHT - 1 - ((value - low) / (high - low)) * (HEIGHT - 4))
  if (chart.isCount) {
    const bars = points.map(({ value }, index) =>
      value ? `M${round(index * step + step * 0.15)} ${HEIGHT}V${y(value)}h${round(step * 0.7)}V${HEIGHT}z` : '',
    )
    return { line: '', area: bars.join('') }
  }
  const parts: { line: string; area: string }[] = []
  let run: string[] = []
  const x = (index: number) => round((index + 0.5) * step)
  const end = (index: number) => {
    if (run.length === 0) return
    const [first, last] = [x(index - run.length), x(index - 1)]
    const line =
      run.length === 1 ? `M${round(first - step / 2)} ${run[0]?.split(' ')[1]}h${round(step)}` : `M${run.join('L')}`
    parts.push({ line, area: `M${first} ${HEIGHT}L${run.join('L')}L${last} ${HEIGHT}z` })
    run = []
  }
  points.forEach(({ value }, index) => {
    if (value === null) end(index)
    else run.push(`${x(index)} ${y(value)}`)
  })
  end(points.length)
  return { line: parts.map(({ line }) => line).join(''), area: parts.map(({ area }) => area).join('') }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
