import { type Config, readConfig } from '#core/config/load.js'
import type { HomePaths } from '#core/home/home-paths.js'

/** The name that all homes of a user share, as BOT_NAME is that of one: the service is `catalyst-watchdog`. */
const NAME = 'catalyst'

/**
 * Returns the settings of the shared watchdog itself. It has no `.env`: they are the defaults and those of this
 * environment. `stopTimeout` is the longest BOT_STOP_TIMEOUT of its homes, in seconds.
 */
export function sharedConfig({ home }: HomePaths, environment: NodeJS.ProcessEnv, stopTimeout = 0): Config {
  const config = readConfig(home, environment)
  const { BOT_STOP_TIMEOUT } = config.settings
  const settings = {
    ...config.settings,
    BOT_NAME: NAME,
    BOT_STOP_TIMEOUT: Math.max(BOT_STOP_TIMEOUT, stopTimeout),
    WATCHDOG_ENABLED: true,
  }
  return { ...config, settings, faults: [] }
}
