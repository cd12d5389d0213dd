import { quotedValue, withoutSetting, withSetting } from '#core/config/env-edit.js'
import { parseEnvFile } from '#core/config/env-file.js'
import { isSecretName } from '#core/config/secrets.js'

/** Returns earlier settings with today's secrets: those that were changed, added or removed since stay so. */
export function withSecretsOf(earlier: string, today: string): string {
  const [then, now] = [parseEnvFile(earlier).values, parseEnvFile(today).values]
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])]
  return names
    .filter((name) => isSecretName(name) || OF_THE_MACHINE.includes(name))
    .reduce((text, name) => {
      const value = now[name]
      if (value === then[name]) return text
      if (value === undefined) return withoutSetting(text, name)
      // nothing must stay of a value that goes on over several lines
      return withSetting(then[name]?.includes('\n') ? withoutSetting(text, name) : text, name, quotedValue(value))
    }, earlier)
}

/**
 * Settings that belong to the machine, not to a version: without WATCHDOG_ENABLED the watchdog's service would not
 * start again, and without SETTINGS_BACKUP_RECIPIENT a rollback would leave the next backup unsealed.
 */
export const OF_THE_MACHINE = ['WATCHDOG_ENABLED', 'SETTINGS_BACKUP_RECIPIENT']
