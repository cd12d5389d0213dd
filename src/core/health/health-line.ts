import { oneLine } from '#core/printable.js'

const LONGEST_LINE = 200

/** Returns how a bot is in one short line: its health, and why. */
export function healthLine({
  status,
  reasons,
}: {
  readonly status: string
  readonly reasons: readonly string[]
}): string {
  const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`
  return oneLine(`${status}${why}`, LONGEST_LINE)
}
