import { timings } from '#core/config/timings.js'
import { waitUntilSafe } from '#core/health/announced/wait-for-safe-moment.js'
import type { Role } from '#core/service/manager.js'
import type { Services } from '#core/service/services.js'

/** Returns whether the bot stops with these services: a watchdog without the bot's own service has it as its child. */
export function stopsBot(services: Services, roles: readonly Role[]): boolean {
  return roles.includes('bot') || services.installed().bot === undefined
}

/** Waits for a bot that is busy, BOT_BUSY_MAX at most, and says so. */
export async function waitForBot(
  { clock, paths, settings }: Services,
  what: string,
  { say, onWait }: { readonly say: (text: string) => void; readonly onWait: () => void },
): Promise<void> {
  await waitUntilSafe(clock, paths, { what, maxMs: timings(settings).busyMaxMs, say, onWait })
}
