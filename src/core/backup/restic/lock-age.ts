import { objectIn } from '#core/json.js'

/** A lock of the repository, as restic keeps it there. */
export interface ResticLock {
  readonly host: string
  readonly pid: number
  /** ISO 8601. */
  readonly time: string
}

export function lockIn(text: string): ResticLock | undefined {
  const { hostname, pid, time } = objectIn(text) ?? {}
  if (typeof hostname !== 'string' || typeof pid !== 'number' || typeof time !== 'string') return undefined
  return { host: hostname, pid, time }
}

/**
 * The time in which a restic that lives replaces its lock by a new one, with room for a slow network: it does so every
 * 5 minutes.
 */
export const REFRESHED_WITHIN_MS = 6 * 60_000
export const LOCK_POLL_MS = 10_000

/**
 * Returns whether the holders of all these locks are dead, for certain: on this machine their process is gone, or, since
 * another one may have its pid by now, and elsewhere, their lock is the same after {@link REFRESHED_WITHIN_MS}. What a
 * clock says proves nothing.
 */
export function areDead(
  locks: Readonly<Record<string, ResticLock | undefined>>,
  { host, runs, watchedMs }: { host: string; runs: (pid: number) => boolean; watchedMs: (id: string) => number },
): boolean {
  return Object.entries(locks).every(([id, lock]) => {
    const isGone = lock !== undefined && lock.host === host && !runs(lock.pid)
    return isGone || watchedMs(id) >= REFRESHED_WITHIN_MS
  })
}
