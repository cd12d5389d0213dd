import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** The names of the sections to run, in their own order. */
  readonly only: readonly string[]
  /** Rounds of each comparison; undefined: each section's own number. */
  readonly rounds: number | undefined
  readonly json: boolean
  /** Writes the results into docs/performance.md. */
  readonly write: boolean
  /** Another command than this repository's `catalyst`, for the start-up of one. */
  readonly catalyst: string | undefined
  readonly help: boolean
}

/** Words that can't be followed. */
export class UsageError extends Error {}

/** Fewer say too little. */
export const ENOUGH_ROUNDS = 9

/** Returns what the words ask for. `sections` are the names there are. @throws UsageError */
export function benchOptions(words: readonly string[], sections: readonly string[]): BenchOptions {
  const { only, rounds, json, write, catalyst, help } = parse(words)
  const names = only === undefined ? sections : only.split(',').map((name) => name.trim())
  const unknown = names.find((name) => !sections.includes(name))
  if (unknown !== undefined) throw new UsageError(`there is no section '${unknown}'; there are: ${sections.join(', ')}`)
  const count = rounds === undefined ? undefined : Number(rounds)
  if (count !== undefined && !(Number.isInteger(count) && count >= 1 && count <= 1000))
    throw new UsageError(`--rounds must be a whole number from 1 to 1000, not '${rounds}'`)
  if (write && count !== undefined && count < ENOUGH_ROUNDS)
    throw new UsageError(`--write wants at least ${ENOUGH_ROUNDS} rounds, not ${count}`)
  return {
    only: sections.filter((name) => names.includes(name)),
    rounds: count,
    json: json ?? false,
    write: write ?? false,
    catalyst,
    help: help ?? false,
  }
}

function parse(words: readonly string[]) {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const
  const options = { only: text, rounds: text, json: flag, write: flag, catalyst: text, help: flag } as const
  try {
    return parseArgs({ args: [...words], options }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}
