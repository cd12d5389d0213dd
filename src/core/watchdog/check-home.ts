import { whyNoBot } from '#core/bot/built-in.js'
import { unwritableHome } from '#core/bot/claim.js'
import { type CheckOptions, checkBot } from '#core/bot/runners/check-bot.js'
import type { Findings } from '#core/bot/runners/findings.js'
import { refusedPort } from '#core/bot/servers/open-endpoint.js'
import { adviceOf } from '#core/config/advice.js'
import type { Config } from '#core/config/load.js'
import { openSettings } from '#core/config/open-settings.js'
import type { CatalystError } from '#core/errors.js'
import { isEndpointOn } from '#core/health/client.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { blindWatchdog } from './switches.js'

/**
 * Finds every lasting fault that would prevent a start of the bot or its watchdog, and hints at settings that may be
 * mistakes.
 */
export async function checkHome(
  clock: Clock,
  paths: HomePaths,
  config: Config,
  options: CheckOptions,
): Promise<Findings> {
  const isNew = !exists(paths.own) && !exists(paths.data) // a check must not make its folders
  const unwritable = isNew ? undefined : unwritableHome(paths)
  const { faults, hints } = await checkSettings(clock, paths, config, options)
  return {
    faults: [...faults, ...(unwritable ? [inOneLine(unwritable)] : [])],
    hints: [...openSettings(paths.home), ...hints],
  }
}

/** Finds the same in the settings alone, and in the program, script or module that they name. */
export async function checkSettings(
  clock: Clock,
  paths: HomePaths,
  config: Config,
  options: CheckOptions,
): Promise<Findings> {
  const { settings, faults, hints } = config
  const bot = await checkBot(clock, paths, config, options)
  const where = { host: settings.HEALTH_CHECK_HOST, port: settings.HEALTH_CHECK_PORT }
  const refused = [
    whyNoBot(config, paths),
    isEndpointOn(settings) ? await refusedPort(where) : undefined,
    settings.WATCHDOG_ENABLED ? blindWatchdog(settings) : undefined,
  ]
  return {
    faults: [...faults, ...bot.faults, ...refused.flatMap((error) => (error ? [inOneLine(error)] : []))],
    hints: [...hints, ...adviceOf(config), ...bot.hints],
  }
}

function inOneLine({ message, suggestions }: CatalystError): string {
  return `${message} ${suggestions.join('. ')}`
}
