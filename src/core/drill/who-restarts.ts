import type { Drill } from '#core/bot/drill.js'
import { pauseText } from '#core/home/pause.js'
import type { ServiceManager } from '#core/service/manager.js'
import type { WatchdogStatus } from '#core/watchdog/status.js'

/** The facts that decide whether somebody would restart a bot. */
export interface RestartFacts {
  /** The service manager of the bot, if it is a service. */
  readonly manager: ServiceManager['kind'] | undefined
  readonly watchdog: Pick<WatchdogStatus, 'running' | 'paused' | 'restarts_left' | 'next_restart'>
  /** The setting WATCHDOG_RESTART_ON_FREEZE. */
  readonly restartsOnFreeze: boolean
}

/** Returns why nobody would restart the bot after this drill; undefined where somebody would. */
export function whyNobodyRestarts(
  drill: Drill,
  { manager, watchdog, restartsOnFreeze }: RestartFacts,
): string | undefined {
  if (drill === 'crash') {
    if (manager !== undefined) return undefined
    if (watchdog.running) return whilePaused(watchdog)
    return 'Nobody would restart this bot: it is no service, and no watchdog runs.'
  }
  if (!restartsOnFreeze) return 'With WATCHDOG_RESTART_ON_FREEZE=0 nobody restarts a bot that is frozen or hangs.'
  if (!watchdog.running)
    // systemd itself restarts a bot that no longer reports that it works
    return manager === 'systemd' ? undefined : `No watchdog runs, so nobody would notice a ${drill}.`
  const paused = whilePaused(watchdog)
  if (paused !== undefined) return paused
  if (watchdog.restarts_left > 0) return undefined
  return `The watchdog has used up its restarts; the next is possible at ${watchdog.next_restart ?? 'no time: WATCHDOG_MAX_RESTARTS=0'}.`
}

function whilePaused({ paused }: RestartFacts['watchdog']): string | undefined {
  return paused === null ? undefined : `The watchdog is ${pauseText(paused)}. Until then it restarts nothing.`
}
