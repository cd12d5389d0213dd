import type { Role } from './manager.js'
import type { Services } from './services.js'

/**
 * What is to be installed: what was asked for; without a word the bot, and with it a watchdog that is installed and
 * switched on, so that both are mended.
 */
export function rolesToInstall(services: Services, asked: Role | undefined, withWatchdog: boolean): readonly Role[] {
  if (withWatchdog) return ['bot', 'watchdog']
  if (asked !== undefined) return [asked]
  return services.installed().watchdog && services.settings.WATCHDOG_ENABLED ? ['bot', 'watchdog'] : ['bot']
}

/** One of the services, or all of the home: the watchdog's first, which would bring the bot back. */
export function rolesToRemove(services: Services, asked: Role | undefined): readonly Role[] {
  if (asked !== undefined) return [asked]
  return services.installed().watchdog === undefined ? ['bot'] : ['watchdog', 'bot']
}

/** Which services to show: the one that was asked for, else all that there are. */
export function rolesToShow(services: Services, asked: Role | undefined): readonly Role[] {
  if (asked !== undefined) return [asked]
  return services.installed().watchdog === undefined ? ['bot'] : ['bot', 'watchdog']
}
