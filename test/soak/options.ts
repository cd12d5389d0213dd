import { parseArgs } from 'node:util'

export interface SoakOptions {
  /** Simulated hours. */
  readonly hours: number
  /** How much faster than this machine's the clock of the homes runs. */
  readonly speed: number
  readonly seed: number
  /** The file for the samples, as JSON lines; undefined: one in the folder for temporary files. */
  readonly out: string | undefined
  /** Whether two heap snapshots are written beside the samples, one after the warm-up and one at the end. */
  readonly snapshots: boolean
}

export const USAGE = `npm run soak -- --hours N [--speed N] [--seed N] [--out FILE] [--snapshots]

  --hours N     simulated hours, such as 8 or 0.5; default 8
  --speed N     how much faster than this machine's the clock of the homes runs, 1 to 60; default 20
  --seed N      repeats the choice of faults
  --out FILE    where the samples go, as JSON lines
  --snapshots   keeps heap snapshots after the warm-up and at the end, and says what has grown between them`

/** Words that can't be followed. */
export class UsageError extends Error {}

/** Returns what the words ask for. @throws UsageError */
export function soakOptions(words: readonly string[], randomSeed: number): SoakOptions {
  const values = parse(words)
  return {
    hours: number('hours', values.hours ?? '8', 0.01, 10_000),
    speed: number('speed', values.speed ?? '20', 1, 60),
    seed: number('seed', values.seed ?? String(randomSeed), 0, 2 ** 32 - 1),
    out: values.out,
    snapshots: values.snapshots ?? false,
  }
}

function parse(words: readonly string[]) {
  const text = { type: 'string' } as const
  const options = { hours: text, speed: text, seed: text, out: text, snapshots: { type: 'boolean' } } as const
  try {
    return parseArgs({ args: [...words], options }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= least && value <= most))
    throw new UsageError(`--${name} must be a number from ${least} to ${most}, not '${text}'`)
  return value
}
