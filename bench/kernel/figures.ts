/** The middle of some figures, and where the middle half of them lies. */
export interface Spread {
  readonly median: number
  /** The first and the third quartile. */
  readonly low: number
  readonly high: number
}

/** Returns the median and the quartiles, between the two nearest figures where none is just there. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('no figures')
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => {
    const place = share * (sorted.length - 1)
    const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]] as [number, number]
    return below + (above - below) * (place - Math.floor(place))
  }
  return { median: at(0.5), low: at(0.25), high: at(0.75) }
}

export function median(values: readonly number[]): number {
  return spreadOf(values).median
}

/** Returns the ratios of pairs that were measured in the same rounds: a drift of the machine's speed hits both. */
export function ratiosOf(ours: readonly number[], theirs: readonly number[]): Spread {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} rounds are no pairs for ${theirs.length}`)
  return spreadOf(ours.map((value, index) => value / (theirs[index] as number)))
}

/** Returns the order of a round: each begins with another, so that none always follows the same. */
export function orderOf<T>(all: readonly T[], round: number): T[] {
  const first = round % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}

/**
 * Measures all subjects in turn, in so many rounds, and returns each one's figures, round by round. A first round is
 * thrown away: caches are cold in it. A subject that this machine does not have has no figures.
 */
export async function measureRounds<Name extends string>(
  count: number,
  subjects: { readonly [one in Name]: (() => Promise<number> | number) | undefined },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(subjects) as Name[]
  const figures = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (const name of names) await subjects[name]?.()
  for (let round = 0; round < count; round++) {
    for (const name of orderOf(names, round)) {
      const figure = await subjects[name]?.()
      if (figure !== undefined) figures[name].push(figure)
    }
  }
  return figures
}
