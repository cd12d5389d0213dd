import type { Matches } from './pattern.js'

/** The part of a line that is compared: a flood of long lines must not keep us from everything else. */
const COMPARED = 4096

/** Returns whether a line of a bot's output matches a pattern, as far as it is compared. */
export function matchesLine(pattern: Matches): Matches {
  return (line) => pattern(line.slice(0, COMPARED))
}
