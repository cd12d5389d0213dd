const DAY_MS = 24 * 60 * 60 * 1000
const STAMP = /^(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d)-(\d{3})Z-(\d{1,3})(\.gz)?$/

/** The name of a log that was rotated: the log's own as prefix, then when. Names sort by time. */
export function rotatedName(name: string, time: Date, index: number): string {
  return `${name}.${time.toISOString().replace(/[:.]/g, '-')}-${String(index).padStart(3, '0')}`
}

/** When `file` was rotated away from the log `name`, in ms since 1970; undefined where it wasn't. */
export function rotatedTime(name: string, file: string): number | undefined {
  if (!file.startsWith(`${name}.`)) return undefined
  const match = STAMP.exec(file.slice(name.length + 1))
  if (!match) return undefined
  const [, day, hour, minute, second, ms] = match
  return Date.parse(`${day}T${hour}:${minute}:${second}.${ms}Z`)
}

export function isExpired(rotated: number, days: number, now: number): boolean {
  return now - rotated > days * DAY_MS
}
