import { pinoLevel } from '#core/logging/levels.js'

const TIME =
  /^\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ])?\d\d:(\d\d):(\d\d)(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?\]?(?=[\s:|]|$)(?:\s*[:|]|\s+-(?=\s))?\s*/
const LEVEL =
  /^\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)\s*\]?(?=[\s:|]|$)(?:\s*[:|]|\s+-(?=\s))?\s*/

/**
 * Returns a program's line without its leading time and level, if our line says the same: a time in any zone, a level
 * by any name.
 */
export function withoutOwnHead(text: string, level: string, time: unknown): string {
  let rest = text
  for (let isFirst = true, left = 2; left > 0; left--, isFirst = false) {
    const shorter = withoutTime(rest, time) ?? withoutLevel(rest, level)
    if (shorter === undefined || (shorter === '' && isFirst)) break
    rest = shorter
  }
  return rest === '' ? text : rest
}

/** The step between time zones: quarters of an hour. */
const ZONE_STEP_SECONDS = 15 * 60
/** The maximum delay from the program's clock to ours: lines wait in a pipe. */
const DELAY_SECONDS = 5

function withoutTime(text: string, time: unknown): string | undefined {
  const match = TIME.exec(text)
  const at = new Date(typeof time === 'number' ? time : String(time))
  if (match === null || Number.isNaN(at.getTime())) return undefined
  const ours = at.getUTCMinutes() * 60 + at.getUTCSeconds()
  const theirs = Number(match[1]) * 60 + Number(match[2])
  const late = (((ours - theirs) % ZONE_STEP_SECONDS) + ZONE_STEP_SECONDS) % ZONE_STEP_SECONDS
  return late <= DELAY_SECONDS || late >= ZONE_STEP_SECONDS - 1 ? text.slice(match[0].length) : undefined
}

function withoutLevel(text: string, level: string): string | undefined {
  const match = LEVEL.exec(text)
  const named = match?.[1] === 'NOTICE' ? 'info' : pinoLevel(match?.[1] ?? '')
  return match !== null && named === level ? text.slice(match[0].length) : undefined
}
