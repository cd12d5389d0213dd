import type { Rules } from './rules.js'
import type { State } from './state.js'

/** The window in which restarts count. */
export const WINDOW_MS = 60 * 60_000

/** Returns how many restarts are left in the window that ends now. */
export function restartsLeft({ restarts }: Pick<State, 'restarts'>, now: number, { maxRestarts }: Rules): number {
  return Math.max(0, maxRestarts - restartsInWindow(restarts, now).length)
}

/** Returns the restarts of the window that ends now. Their times and `now` are of the same clock, whichever that is. */
export function restartsInWindow(restarts: readonly number[], now: number): number[] {
  return restarts.filter((at) => now - at < WINDOW_MS)
}
