import { withoutSetting, withSetting } from '#core/config/env-edit.js'
import { parseEnvFile } from '#core/config/env-file.js'
import { isSecretName } from '#core/config/secrets.js'

/** Settings of earlier with the secrets of today: those that were changed, added or taken away since stay so. */
export function withSecretsOf(earlier: string, today: string): string {
  const [then, now] = [parseEnvFile(earlier).values, parseEnvFile(today).values]
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])]
  return names
    .filter((name) => isSecretName(name) || OF_THE_MACHINE.includes(name))
    .reduce((text, name) => {
      const value = now[name]
      if (value === then[name]) return text
      if (value === undefined) return withoutSetting(text, name)
      // of one that goes on over several lines nothing may stay
      return withSetting(then[name]?.includes('\n') ? withoutSetting(text, name) : text, name, quoted(value))
    }, earlier)
}

/** Whether a watchdog is installed is no matter of versions: without this line its service would not start again. */
const OF_THE_MACHINE = ['WATCHDOG_ENABLED']

/** A value as it is written in the file, so that it is read back as it was. */
function quoted(value: string): string {
  const asIs = (text: string) => {
    const { values, faults } = parseEnvFile(`X=${text}\n`)
    return values.X === value && faults.length === 0
  }
  return [value, `'${value}'`, `"${value}"`, `\`${value}\``].find(asIs) ?? `"${value.replaceAll('\n', '\\n')}"`
}
