import { localTime } from '#core/text.js'
import type { WatchdogStatus } from '#core/watchdog/status.js'
import { table } from './table.js'

/** The watchdog's status for a person. */
export function watchdogText(status: WatchdogStatus): string {
  const { bot, last_check, next_check, rescues_used, rescues_left, next_rescue, incident } = status
  return table([
    ['watchdog', howItRuns(status)],
    ['the bot', bot ?? 'unknown'],
    ['last check', localTime(last_check)],
    ['next check', localTime(next_check)],
    ['rescues', `${rescues_used} in the last hour, ${rescues_left} left`],
    ...(next_rescue === null ? [] : [['next rescue', localTime(next_rescue)]]),
    ['last incident', incident === null ? '-' : `${localTime(incident.since)}: ${incident.why}, ${incident.state}`],
  ])
}

function howItRuns({ running, enabled, pid }: WatchdogStatus): string {
  if (running) return `runs (pid ${pid})`
  return enabled
    ? 'does not run: catalyst service start watchdog, or catalyst watchdog run'
    : 'does not run: WATCHDOG_ENABLED is off'
}
