export interface Findings {
  /** The faults that prevent the start of the bot, in the words in which the start would report them. */
  readonly faults: readonly string[]
  /** The settings that may be mistakes. */
  readonly hints: readonly string[]
}

export const NOTHING_FOUND: Findings = { faults: [], hints: [] }

export function together(findings: readonly Findings[]): Findings {
  return { faults: findings.flatMap(({ faults }) => faults), hints: findings.flatMap(({ hints }) => hints) }
}
