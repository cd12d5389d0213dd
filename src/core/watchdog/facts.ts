import type { Settings } from '#core/config/schema.js'
import { activeRelease } from '#core/state/active-release.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { hostName } from '#core/system/processes.js'
import type { IncidentFacts } from './embed.js'

/** What every message says of this bot. */
export function factsOf(paths: HomePaths, settings: Settings): Omit<IncidentFacts, 'where'> {
  return {
    bot: settings.BOT_NAME,
    environment: settings.DEPLOYMENT_ENV,
    host: hostName(),
    release: activeRelease(paths)?.name ?? null,
  }
}
