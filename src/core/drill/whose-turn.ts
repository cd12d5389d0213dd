import type { Drill } from '#core/bot/drill.js'
import type { ServiceManager } from '#core/service/manager.js'
import type { WatchdogStatus } from '#core/watchdog/status.js'

/** Whoever could bring a bot back. */
export interface Keepers {
  /** Who keeps the bot as a service, if it is one. */
  readonly manager: ServiceManager['kind'] | undefined
  readonly watchdog: Pick<WatchdogStatus, 'running' | 'rescues_left' | 'next_rescue'>
  /** WATCHDOG_RESTART_ON_FREEZE. */
  readonly restartsOnFreeze: boolean
}

/** Why nobody would bring the bot back after this drill; undefined where somebody would. */
export function whyNobodyComes(drill: Drill, { manager, watchdog, restartsOnFreeze }: Keepers): string | undefined {
  if (drill === 'crash') {
    if (manager !== undefined || watchdog.running) return undefined
    return 'Nobody keeps this bot: it is no service, and no watchdog runs.'
  }
  if (!restartsOnFreeze) return 'With WATCHDOG_RESTART_ON_FREEZE=0 nobody restarts a bot that stands still.'
  if (!watchdog.running)
    // systemd itself restarts a bot that no longer says it is well
    return manager === 'systemd' ? undefined : `No watchdog runs, so nobody would see a ${drill}.`
  if (watchdog.rescues_left > 0) return undefined
  return `The watchdog has used up its rescues; the next is possible at ${watchdog.next_rescue ?? 'no time: WATCHDOG_MAX_RESTARTS=0'}.`
}
