import { timings } from '#core/config/timings.js'
import { askBusiness, stillBusyText, waitForSafeMoment, waitText } from '#core/health/safe-moment.js'
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
  const { busyMaxMs } = timings(settings)
  let isSaid = false
  const { busy, isBusy } = await waitForSafeMoment(clock, {
    ask: () => askBusiness(paths),
    maxMs: busyMaxMs,
    onWait(found) {
      if (!isSaid) say(waitText(what, found, busyMaxMs))
      isSaid = true
      onWait()
    },
  })
  if (busy !== undefined && isBusy) say(stillBusyText(busy, busyMaxMs))
}
