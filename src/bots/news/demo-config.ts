import { BUILT_IN } from '#core/bot/built-in.js'
import type { Config } from '#core/config/load.js'

const DEMO_CYCLE_SECONDS = 5

/**
 * Returns the settings for a demo: the built-in bot, whatever is set, quick enough to watch, and without requests to
 * the outside.
 */
export function demoConfig(config: Config): Config {
  const { settings, origins } = config
  const paused = origins.BOT_CYCLE_SECONDS === 'default' ? DEMO_CYCLE_SECONDS : settings.BOT_CYCLE_SECONDS
  return {
    ...config,
    settings: {
      ...settings,
      BOT_COMMAND: undefined,
      BOT_MODULE: BUILT_IN,
      BOT_PROOF: ['cycle'],
      TIME_SERVER: undefined,
      BOT_CYCLE_SECONDS: paused,
    },
    dependencies: [],
  }
}
