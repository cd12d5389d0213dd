/** Keys under which files and core have wall time in ms since 1970. */
const TIMES: readonly string[] = ['at', 'since', 'recoveredAt']

/** A result of ours for `--json`: its times are in UTC, as in all that a program reads from us. */
export function withIsoTimes(result: unknown): unknown {
  if (result === undefined) return undefined
  return JSON.parse(
    JSON.stringify(result, (key, value) =>
      TIMES.includes(key) && isTime(value) ? new Date(value).toISOString() : value,
    ),
  )
}

/** A file that somebody has edited may hold what is none. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && !Number.isNaN(new Date(value).getTime())
}
