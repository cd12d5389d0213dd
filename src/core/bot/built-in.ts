import type { Config } from '#core/config/load.js'
import { SCHEMA } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'

/** The value of BOT_MODULE that names the built-in bot. A file of that name is `./news`. */
export const BUILT_IN = 'news'

const MOST_SHOWN = 3

/**
 * Returns the error of settings that name no bot; undefined where they name one. Where settings of the built-in bot are
 * set, that is the one that is meant.
 */
export function whyNoBot(
  { settings, origins }: Pick<Config, 'settings' | 'origins'>,
  { env }: HomePaths,
): CatalystError | undefined {
  if (settings.BOT_COMMAND !== undefined || settings.BOT_MODULE !== undefined) return undefined
  const own = Object.entries(origins).flatMap(([name, origin]) =>
    name in SCHEMA || origin === 'default' ? [] : [name],
  )
  const shown = own.slice(0, MOST_SHOWN).join(', ')
  return new CatalystError(`No bot is named: neither BOT_COMMAND nor BOT_MODULE is set in ${env}.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: [
      ...(own.length > 0
        ? [`For the built-in bot, whose settings are there (${shown}), add the line BOT_MODULE=${BUILT_IN}`]
        : []),
      'Name your bot: BOT_COMMAND=… for a program, or BOT_MODULE=… for a JavaScript module',
      ...(own.length > 0 ? [] : ['See a bot at work, without any setting: catalyst bot start --demo']),
    ],
  })
}
