import { readJson } from '#core/platform/fs/json-file.js'
import type { HomePaths } from './home-paths.js'

/** The margin for a check: it takes some seconds, and collecting evidence and stopping a bot some more. */
const SLACK_MS = 60_000

/**
 * Returns whether the watchdog has checked recently, by what it writes at each check. `wall` is wall time: after the
 * clock was set it may seem asleep until its next check.
 */
export function isWatchdogAwake(paths: HomePaths, intervalMs: number, wall: number): boolean {
  const checkedAt = lastCheck(paths)
  return checkedAt !== undefined && Math.abs(wall - checkedAt) <= 2 * intervalMs + SLACK_MS
}

/** Returns when the watchdog checked last, as far as it could write that down; wall time in ms since 1970. */
function lastCheck(paths: HomePaths): number | undefined {
  try {
    return readJson<{ checked_at: number }>(paths.watchdog, ({ checked_at }) => typeof checked_at === 'number')
      ?.checked_at
  } catch {
    return undefined // we have no permission to read it
  }
}
