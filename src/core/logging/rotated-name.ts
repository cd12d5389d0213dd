const DAY_MS = 24 * 60 * 60 * 1000
const STAMP = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-(\d{1,3})(\.gz)?$/

/** Returns the name of a rotated log: the log's own as prefix, then the time. Names sort by time. */
export function rotatedName(name: string, timeMs: number, index: number): string {
  return `${name}.${new Date(timeMs).toISOString().replace(/[:.]/g, '-')}-${String(index).padStart(3, '0')}`
}

/** Returns when `file` was rotated away from the log `name`, in ms since 1970; undefined if it wasn't. */
export function rotatedTime(name: string, file: string): number | undefined {
  if (!file.startsWith(`${name}.`)) return undefined
  const match = STAMP.exec(file.slice(name.length + 1))
  if (!match) return undefined
  const [, day, hour, minute, second, ms] = match
  const time = Date.parse(`${day}T${hour}:${minute}:${second}.${ms}Z`)
  return Number.isNaN(time) ? undefined : time
}

/**
 * Returns the time for the name of a log that is rotated `now`, where `files` are in its folder. It is later than that
 * of every other, even if two come in one millisecond or the clock was set back meanwhile: a repeated name would
 * overwrite lines. Names from more than a day ahead are ignored: a clock that was wrong by years for an hour must not
 * spoil all later names, and with them the removal of old files.
 */
export function timeToRotate(name: string, files: readonly string[], now: number): number {
  let time = now
  for (const file of files) {
    const other = rotatedTime(name, file)
    if (other !== undefined && other >= time && other - now < DAY_MS) time = other + 1
  }
  return time
}
