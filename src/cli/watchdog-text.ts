import { localTime } from '#core/text.js'
import type { WatchdogStatus } from '#core/watchdog/status.js'
import { table } from './table.js'

/** The watchdog's status for a person. */
export function watchdogText(status: WatchdogStatus): string {
  const { running, pid, bot, last_check, next_check, rescues_used, rescues_left, next_rescue, incident } = status
  return table([
    ['watchdog', running ? `runs (pid ${pid})` : 'does not run'],
    ['the bot', bot ?? 'unknown'],
    ['last check', localTime(last_check)],
    ['next check', localTime(next_check)],
    ['rescues', `${rescues_used} in the last hour, ${rescues_left} left`],
    ...(next_rescue === null ? [] : [['next rescue', localTime(next_rescue)]]),
    ['last incident', incident === null ? '-' : `${localTime(incident.since)}: ${incident.why}, ${incident.state}`],
  ])
}
