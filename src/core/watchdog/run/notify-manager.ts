import { notifySettings, sayReady, systemdNotify } from '#core/bot/notify.js'
import { tellStatus } from '#core/bot/notify-status.js'
import { type Clock, every } from '#core/platform/clock.js'

/**
 * Tells systemd, where it has started this process, that it has come up, and from then on how it is; and where systemd
 * asks for that, that its event loop turns. Returns what ends that.
 */
export function notifyManager(
  clock: Clock,
  { line, onFault }: { readonly line: () => string; readonly onFault: (what: string) => void },
): () => void {
  const asked = notifySettings(process.env)
  if (asked === undefined) return () => {}
  const notify = systemdNotify(process.env)
  const stops = [sayReady(clock, { notify, onFault }), tellStatus(clock, notify, line)]
  const { watchdogMs } = asked
  if (watchdogMs !== undefined) stops.push(every(clock, watchdogMs / 3, async () => void (await notify('WATCHDOG=1'))))
  return () => {
    for (const stop of stops) stop()
  }
}
