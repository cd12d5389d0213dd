const DAY_MS = 24 * 60 * 60 * 1000
const STAMP = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-(\d{1,3})(\.gz)?$/

/** The name of a log that was rotated: the log's own as prefix, then when. Names sort by time. */
export function rotatedName(name: string, timeMs: number, index: number): string {
  return `${name}.${new Date(timeMs).toISOString().replace(/[:.]/g, '-')}-${String(index).padStart(3, '0')}`
}

/** When `file` was rotated away from the log `name`, in ms since 1970; undefined where it wasn't. */
export function rotatedTime(name: string, file: string): number | undefined {
  if (!file.startsWith(`${name}.`)) return undefined
  const match = STAMP.exec(file.slice(name.length + 1))
  if (!match) return undefined
  const [, day, hour, minute, second, ms] = match
  const time = Date.parse(`${day}T${hour}:${minute}:${second}.${ms}Z`)
  return Number.isNaN(time) ? undefined : time
}

/**
 * The time to name a log by that is rotated `now`, where `files` are in its folder. Later than that of every other,
 * even if two come in one millisecond or the clock was set back meanwhile: a name that was used once more would
 * overwrite lines. Names from more than a day ahead are left out of it: a clock that was wrong by years for an hour
 * must not spoil the names, and with them the removal, of all that comes later.
 */
export function timeToRotate(name: string, files: readonly string[], now: number): number {
  let time = now
  for (const file of files) {
    const other = rotatedTime(name, file)
    if (other !== undefined && other >= time && other - now < DAY_MS) time = other + 1
  }
  return time
}

export function isExpired(rotatedMs: number, days: number, nowMs: number): boolean {
  return nowMs - rotatedMs > days * DAY_MS
}
