import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { isEndpointOn } from '#core/health/client.js'

/** Returns why a watchdog that is switched on could not observe the bot; undefined where it can. */
export function blindWatchdog(settings: Settings): CatalystError | undefined {
  if (isEndpointOn(settings)) return undefined
  return watchdogOff(
    'The health endpoint is switched off, so a watchdog could not observe the bot.',
    'Set HEALTH_CHECK_ENABLED=1 and FEATURE_HEALTH_ENDPOINT=1 in .env',
  )
}

export function watchdogOff(message: string, suggestion: string): CatalystError {
  return new CatalystError(message, { code: 'WATCHDOG_OFF', exit: EXIT.settings, suggestions: [suggestion] })
}
