import type { Context } from './context.js'
import type { Judged } from './finding.js'

/** One check of `catalyst doctor`. */
export interface Check {
  /** Its name, with which each of its findings begins. */
  readonly id: string
  /** The platforms that it is for; undefined: all. */
  readonly platforms?: readonly NodeJS.Platform[]
  examine(context: Context): Promise<readonly Judged[]>
  /** Mends what is safe to mend, and returns what was done, one sentence each. */
  readonly fix?: (context: Context) => Promise<readonly string[]>
}

/** The two halves of a check: one place that reads the facts, and a pure function that judges them. */
interface Halves<F> extends Omit<Check, 'examine'> {
  read(context: Context): F | Promise<F>
  judge(facts: F): readonly Judged[]
}

export function checkOf<F>({ read, judge, ...rest }: Halves<F>): Check {
  return { ...rest, examine: async (context) => judge(await read(context)) }
}
