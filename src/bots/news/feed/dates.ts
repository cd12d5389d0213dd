const ZONED = /(?:[a-z]|[+-]\d{2}:?\d{2})$/i
const ZONE_NAME = /\s[a-z]{1,5}$/i
// Some systems write the year 1 or 1970 when they know no date.
const EARLIEST = Date.UTC(1990, 0)

/**
 * Reads an RFC 822 or ISO 8601 date; one without a zone, or with an unknown one, is taken as UTC.
 * @returns milliseconds since 1970, or undefined when it is no date
 */
export function parseDate(value: string): number | undefined {
  const text = value.trim()
  if (!text || text.length > 60) return undefined
  for (const candidate of [ZONED.test(text) ? text : `${text}${/^\d{4}-/.test(text) ? 'Z' : ' GMT'}`, text]) {
    const time = Date.parse(candidate)
    if (!Number.isNaN(time)) return later(time)
  }
  const time = Date.parse(text.replace(ZONE_NAME, ' GMT'))
  return Number.isNaN(time) ? undefined : later(time)
}

function later(time: number): number | undefined {
  return time >= EARLIEST ? time : undefined
}
