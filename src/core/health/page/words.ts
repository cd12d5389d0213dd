import type { Status } from '#core/health/status.js'
import { duration } from '#core/text.js'

/** The statuses as the page says them, with what each means. */
export const STATUS_WORDS: Readonly<Record<Status, { readonly word: string; readonly meaning: string }>> = {
  healthy: { word: 'Healthy', meaning: 'The bot works.' },
  degraded: { word: 'Degraded', meaning: 'The bot works, but not as well as it should.' },
  unhealthy: { word: 'Unhealthy', meaning: 'The bot does not do its work.' },
  starting: { word: 'Starting', meaning: 'The bot has been started, and has not proven yet that it works.' },
  stopping: { word: 'Stopping', meaning: 'The bot was asked to stop.' },
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/** Returns a local time of day: `14:05`. */
export function clockText(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes()].map((part) => String(part).padStart(2, '0')).join(':')
}

/** Returns a local day: `28 Nov`. */
export function dayText(at: number): string {
  const date = new Date(at)
  return `${date.getDate()} ${MONTHS[date.getMonth()]}`
}

/** Returns a local day in full: `Saturday, 28 Nov 2026`. */
export function longDayText(at: number): string {
  const date = new Date(at)
  return `${WEEKDAYS[date.getDay()]}, ${dayText(at)} ${date.getFullYear()}`
}

/** Returns a local time as seen from now: the time of day, with the day where that isn't today. */
export function momentText(at: number, now: number): string {
  const isToday = new Date(at).toDateString() === new Date(now).toDateString()
  return isToday ? clockText(at) : `${dayText(at)}, ${clockText(at)}`
}

/**
 * Returns a duration in its largest unit or two, in one line: seconds are told of the first minutes only.
 */
export function roughly(ms: number): string {
  return duration(ms < 10 * 60_000 ? ms : Math.floor(ms / 60_000) * 60_000).replaceAll(' ', '\u00a0')
}

/** The longest text that is shown, such as an error's. */
const LONGEST_TEXT = 600

/** Returns a text, of a very long one its beginning. */
export function shortened(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}…`
}

/** Returns a whole number with commas: `12,345`. */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** Returns a share as a percentage that never says all where something is missing: `99.98 %`. */
export function percentText(share: number): string {
  if (share >= 1) return '100 %'
  const percent = Math.floor(share * 10_000) / 100
  return `${percent >= 99 ? percent.toFixed(2) : percent.toFixed(1)} %`
}

/** Returns the time zone of this machine: `UTC+2`. */
export function zoneText(now: number): string {
  const minutes = -new Date(now).getTimezoneOffset()
  if (minutes === 0) return 'UTC'
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`
}
