/** Keys that hold wall time in ms since 1970 in files and core. */
const TIMES: readonly string[] = ['at', 'since', 'recoveredAt', 'nextRestartAt']

/** Prepares a result of ours for `--json`: its times are in UTC, as in all that a program reads from us. */
export function withIsoTimes(result: unknown): unknown {
  if (result === undefined) return undefined
  return JSON.parse(
    JSON.stringify(result, (key, value) =>
      TIMES.includes(key) && isTime(value) ? new Date(value).toISOString() : value,
    ),
  )
}

/** Returns whether a value is a time: a file that somebody has edited may hold anything. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime())
}
