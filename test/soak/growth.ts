/** A figure at a time. */
export interface Point {
  /** Hours since the beginning. */
  readonly hours: number
  readonly value: number
}

/** A straight line through points, with the 95 % confidence interval of its slope. */
export interface Line {
  readonly slope: number
  readonly low: number
  readonly high: number
}

/** What a series of figures does once it is warm. */
export interface Growth {
  /** Of the figures after the warm-up. */
  readonly median: number
  /** The length of the time after the warm-up, in hours. */
  readonly hours: number
  /** By how much the figure grows in that time, by its line, and the 95 % confidence interval of that. */
  readonly by: number
  readonly low: number
  readonly high: number
  /** By how much it would grow in that time if it went on as in the second half of it. */
  readonly late: number
  readonly isGrowing: boolean
}

/** The share of a run that is not judged: caches fill, code is compiled, the heap finds its size. */
export const WARM_UP_SHARE = 1 / 3
/**
 * The number of medians that stand for the figures, if there are as many. Neighbors resemble each other: taken singly, they
 * seem too sure.
 */
const SEGMENTS = 12
const FEWEST_POINTS = 8

/**
 * Returns what a series does after its warm-up; undefined where there are too few figures. It grows when its slope is above
 * 0 beyond chance, when it gains more than the tolerance, and when it goes on in the second half: what levels off, or made
 * one step, is no leak.
 */
export function growthOf(points: readonly Point[], tolerance: (median: number) => number): Growth | undefined {
  const first = points[0]
  const last = points.at(-1)
  if (first === undefined || last === undefined) return undefined
  const from = first.hours + (last.hours - first.hours) * WARM_UP_SHARE
  const warm = points.filter(({ hours }) => hours >= from)
  if (warm.length < FEWEST_POINTS) return undefined
  const medians = segmentsOf(warm, Math.min(SEGMENTS, warm.length))
  const line = lineThrough(medians)
  const late = lineThrough(medians.slice(Math.floor(medians.length / 2)))
  const hours = last.hours - from
  const median = medianOf(warm.map(({ value }) => value))
  const by = line.slope * hours
  return {
    median,
    hours,
    by,
    low: line.low * hours,
    high: line.high * hours,
    late: late.slope * hours,
    isGrowing: line.low > 0 && by > tolerance(median) && late.slope > line.slope / 2,
  }
}

/** Returns the least-squares line through at least three points. */
export function lineThrough(points: readonly Point[]): Line {
  const n = points.length
  const meanX = sum(points.map(({ hours }) => hours)) / n
  const meanY = sum(points.map(({ value }) => value)) / n
  const spreadX = sum(points.map(({ hours }) => (hours - meanX) ** 2))
  const slope = sum(points.map(({ hours, value }) => (hours - meanX) * (value - meanY))) / spreadX
  const squares = sum(points.map(({ hours, value }) => (value - meanY - slope * (hours - meanX)) ** 2))
  const margin = studentT(n - 2) * Math.sqrt(squares / (n - 2) / spreadX)
  return { slope, low: slope - margin, high: slope + margin }
}

/** Returns the median of each of so many equally long parts of a series. */
function segmentsOf(points: readonly Point[], count: number): Point[] {
  const edge = (index: number) => Math.round((index * points.length) / count)
  return Array.from({ length: count }, (_, index) => points.slice(edge(index), edge(index + 1))).map((part) => ({
    hours: medianOf(part.map(({ hours }) => hours)),
    value: medianOf(part.map(({ value }) => value)),
  }))
}

/** Student's t for a two-sided 95 %, by degrees of freedom from 1 on. */
const STUDENT_T = [12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228]

function studentT(freedom: number): number {
  return STUDENT_T[Math.min(freedom, STUDENT_T.length) - 1] as number
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
