import { Flags } from '@oclif/core'
import { parseSetting } from '#core/config/parse.js'
import { ruleOf, type SettingName } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'

/** The flags, each with the setting that it replaces for one run. */
const SETTINGS = {
  enabled: 'WATCHDOG_ENABLED',
  'check-interval': 'WATCHDOG_CHECK_INTERVAL',
  'freeze-threshold': 'WATCHDOG_FREEZE_THRESHOLD',
  'max-restarts': 'WATCHDOG_MAX_RESTARTS',
  'restart-on-freeze': 'WATCHDOG_RESTART_ON_FREEZE',
} as const satisfies Record<string, SettingName>

type Name = keyof typeof SETTINGS

const summary = (name: Name) => `For this run, instead of ${SETTINGS[name]}.`
const text = (name: Name, helpValue: string) => Flags.string({ summary: summary(name), helpValue })
const either = (name: Name) => Flags.boolean({ summary: summary(name), allowNo: true })

export const watchdogFlags = {
  enabled: either('enabled'),
  'check-interval': text('check-interval', 'SECONDS'),
  'freeze-threshold': text('freeze-threshold', 'SECONDS'),
  'max-restarts': text('max-restarts', 'NUMBER'),
  'restart-on-freeze': either('restart-on-freeze'),
}

/**
 * Returns the settings that these flags stand for, as an environment has them.
 * @throws CatalystError USAGE
 */
export function settingsOf(
  flags: Readonly<Partial<Record<Name, string | boolean | undefined>>>,
): Record<string, string> {
  const given = (Object.keys(SETTINGS) as Name[]).filter((name) => flags[name] !== undefined)
  return Object.fromEntries(given.map((name) => [SETTINGS[name], checked(name, flags[name] as string | boolean)]))
}

function checked(name: Name, value: string | boolean): string {
  const raw = typeof value === 'boolean' ? String(Number(value)) : value
  const parsed = raw.trim() === '' ? { fault: 'must not be empty' } : parseSetting(ruleOf(SETTINGS[name]), raw)
  if ('value' in parsed) return raw
  throw new CatalystError(`--${name} ${parsed.fault}.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['See: catalyst watchdog run --help'],
  })
}
