import type { Config } from '#core/config/load.js'
import { messageOf } from '#core/errors.js'
import { homePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { botServices } from '#core/service/open-services.js'
import { install } from '#core/service/operations/install.js'
import { planRefresh } from '#core/service/operations/uninstall.js'
import { lockServices } from '#core/service/services.js'

/** The entry of a bot's service that was to be changed. `why`: it could not be. */
export interface RefreshedBot {
  readonly home: string
  readonly entry: 'updated' | 'kept' | 'failed'
  readonly why: string | null
}

/**
 * Brings the bots' services of these homes up to date with a shared watchdog that was installed or removed: their manager
 * is the last resort only where there is a watchdog. It applies from their next start. A failure is no reason to stop.
 */
export async function refreshBots(
  clock: Clock,
  homes: readonly string[],
  read: (home: string) => Config,
): Promise<RefreshedBot[]> {
  const refreshed: RefreshedBot[] = []
  for (const home of homes) {
    try {
      const entry = await refresh(clock, home, read)
      if (entry !== undefined) refreshed.push({ home, entry, why: null })
    } catch (error) {
      refreshed.push({ home, entry: 'failed', why: messageOf(error) })
    }
  }
  return refreshed
}

async function refresh(
  clock: Clock,
  home: string,
  read: (home: string) => Config,
): Promise<RefreshedBot['entry'] | undefined> {
  const services = await botServices(clock, homePaths(home), read(home))
  if (services === undefined || services.installed().watchdog !== undefined) return undefined
  const plan = await planRefresh(services)
  if (plan === undefined) return undefined
  if (plan.state !== 'outdated') return 'kept'
  using _lock = await lockServices(services)
  await install(services, plan)
  return 'updated'
}
