import { type Clock, every } from '#core/platform/clock.js'
import type { Notify } from './notify.js'

/** The interval at which the line is looked at: that costs nothing. */
const POLL_INTERVAL_MS = 1000
/** The shortest time between two lines: each starts a process. */
const BETWEEN_MS = 5000
/** The same for a line that begins alike: that of a silent bot has another number each second. */
const BETWEEN_ALIKE_MS = 60_000

/** A line that systemd was told, and when, on the monotonic clock. */
interface ToldLine {
  readonly line: string
  readonly at: number
}

/** Returns whether systemd is to be told this line now. */
function isLineDue(line: string, told: ToldLine | undefined, now: number): boolean {
  if (told === undefined) return true
  if (line === told.line) return false
  return now - told.at >= (beginOf(line) === beginOf(told.line) ? BETWEEN_ALIKE_MS : BETWEEN_MS)
}

/** Returns the state that a line begins with. */
function beginOf(line: string): string {
  return line.split(':', 1)[0] as string
}

/**
 * Tells systemd how the bot is in one line, whenever that changes, so that `systemctl status` shows it. Returns what ends
 * that.
 */
export function tellStatus(clock: Clock, notify: Notify, read: () => string): () => void {
  let told: ToldLine | undefined
  return every(clock, POLL_INTERVAL_MS, async () => {
    const line = read()
    const at = clock.monotonic()
    if (!isLineDue(line, told, at)) return
    told = { line, at }
    await notify(`STATUS=${line}`)
  })
}
