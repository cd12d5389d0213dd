import { median, ratiosOf, type Spread, spreadOf } from './figures.js'

export type Unit = 'ms' | 'µs' | 'MB' | 'lines/s' | '%' | 'lines' | 's'

/** A goal stands beside a figure; no figure is asserted. */
export interface Goal {
  readonly of: 'ratio' | 'value'
  readonly atMost?: number
  readonly atLeast?: number
}

/** One line of the results. */
export interface Row {
  readonly name: string
  /** Undefined where it did not happen in the time for which it was waited: `note` says so. */
  readonly value: Spread | undefined
  readonly unit: Unit
  readonly yardstick?: { readonly name: string; readonly value: number } | undefined
  readonly ratio?: Spread | undefined
  readonly rounds: number
  readonly goal?: Goal | undefined
  readonly note?: string | undefined
}

export interface RowOptions {
  readonly goal?: Goal
  readonly note?: string
}

/** Returns the row of a figure beside that of a yardstick, measured in the same rounds. */
export function paired(
  name: string,
  unit: Unit,
  ours: readonly number[],
  [yardstick, theirs]: readonly [string, readonly number[]],
  { goal, note }: RowOptions = {},
): Row {
  return {
    name,
    unit,
    value: spreadOf(ours),
    yardstick: { name: yardstick, value: median(theirs) },
    ratio: ratiosOf(ours, theirs),
    rounds: ours.length,
    goal,
    note,
  }
}

/** Returns the row of a figure that stands alone. */
export function alone(name: string, unit: Unit, values: readonly number[], { goal, note }: RowOptions = {}): Row {
  return { name, unit, value: spreadOf(values), rounds: values.length, goal, note }
}

/** Returns the row of what did not happen for so long, seen once. */
export function never(name: string, seconds: number): Row {
  return { name, unit: 's', value: undefined, rounds: 1, note: `not within ${seconds} s` }
}

/** Returns whether a row's goal is met; undefined where it has none. */
export function isMet({ goal, ratio, value }: Row): boolean | undefined {
  const figure = goal?.of === 'ratio' ? ratio?.median : value?.median
  if (goal === undefined || figure === undefined) return undefined
  return figure <= (goal.atMost ?? Number.POSITIVE_INFINITY) && figure >= (goal.atLeast ?? Number.NEGATIVE_INFINITY)
}

/** What a section has found, and which yardsticks it had to do without. */
export interface Found {
  readonly rows: readonly Row[]
  readonly missing: readonly string[]
}
