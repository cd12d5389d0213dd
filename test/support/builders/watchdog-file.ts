import type { WatchdogFile } from '#core/watchdog/watchdog-file.js'

/** Returns what a watchdog writes down that has just checked a silent bot, with what differs from that. */
export function aWatchdogFile(at: number, changes: Partial<WatchdogFile> = {}): WatchdogFile {
  return { pid: 1, checked_at: at, next_check_at: at, status: null, restarts: [], incident: null, ...changes }
}
