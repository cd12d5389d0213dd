/** A metric with all its samples, as Prometheus takes it: a name, what it means, and values by their labels. */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'gauge' | 'counter'
  readonly samples: readonly Sample[]
}

/** A histogram: how many values were at most so large, all of them, and their sum. */
export interface HistogramFamily {
  readonly name: string
  readonly help: string
  readonly type: 'histogram'
  readonly histogram: Buckets
}

/** The counts of a histogram. `counts` has one more than `bounds`, for what is larger than all of them. */
interface Buckets {
  readonly bounds: readonly number[]
  readonly counts: readonly number[]
  readonly sum: number
}

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export type AnyFamily = Family | HistogramFamily

/** A figure that may not be known: then its metric is left out. */
type Known = number | null | undefined

const NO_LABELS: Sample['labels'] = {}

export function gauge(name: string, help: string, value: Known): Family {
  return { name, help, type: 'gauge', samples: samplesOf(value) }
}

export function counter(name: string, help: string, value: Known): Family {
  return { name, help, type: 'counter', samples: samplesOf(value) }
}

/** Returns a metric with a value for each of the names; what has none is left out. */
export function byLabel(
  type: Family['type'],
  name: string,
  help: string,
  label: string,
  values: Readonly<Record<string, Known>>,
): Family {
  const samples = Object.entries(values).flatMap(([key, value]) =>
    samplesOf(value).map((sample) => ({ ...sample, labels: { [label]: key } })),
  )
  return { name, help, type, samples }
}

/** Returns a metric that is 1 for the state that something is in, and 0 for each other state. */
export function stateSet(
  name: string,
  help: string,
  label: string,
  states: readonly string[],
  current: string | undefined,
): Family {
  const values = Object.fromEntries(states.map((state) => [state, state === current ? 1 : 0]))
  return byLabel('gauge', name, help, label, values)
}

/** Returns a metric that is always 1: its labels tell something. */
export function info(name: string, help: string, labels: Readonly<Record<string, string>>): Family {
  return { name, help, type: 'gauge', samples: [{ labels, value: 1 }] }
}

function samplesOf(value: Known): Sample[] {
  return value === null || value === undefined || !Number.isFinite(value) ? [] : [{ labels: NO_LABELS, value }]
}

/** Returns a switch as Prometheus has it. */
export function flag(isSet: boolean): number {
  return isSet ? 1 : 0
}

/** Returns a time in ms since 1970 in seconds. */
export function timestamp(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
