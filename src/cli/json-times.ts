/** Keys under which files and core have wall time in ms since 1970. */
const TIMES: readonly string[] = ['at', 'since', 'recoveredAt']

/** A result of ours for `--json`: its times are in UTC, as in all that a program reads from us. */
export function withIsoTimes(result: unknown): unknown {
  if (result === undefined) return undefined
  return JSON.parse(
    JSON.stringify(result, (key, value) =>
      TIMES.includes(key) && typeof value === 'number' ? new Date(value).toISOString() : value,
    ),
  )
}
