import { quotedValue, withoutSetting, withSetting } from '#core/config/env-edit.js'
import { parseEnvFile } from '#core/config/env-file.js'
import { SCHEMA } from '#core/config/schema.js'
import { isSecretName, secretForms } from '#core/config/secrets.js'
import { isShowable } from '#core/config/shown.js'
import type { Fields } from '#core/json.js'
import { OF_THE_MACHINE } from './merge-settings.js'

/**
 * The part of the settings that a sealed backup leaves open, so that a rollback at night needs no identity: values by name,
 * null for each that is sealed.
 */
export type OpenPart = Readonly<Record<string, string | null>>

/** A name of the bot's own that may stand for a secret, beyond those by which secrets are known elsewhere. */
const SECRET_WORD =
  /KEY|TOKEN|SECRET|PASS|CRED|PRIVATE|MNEMONIC|PHRASE|COOKIE|WEBHOOK|SIGNING|(^|_)(PWD|PIN|SEED|AUTH|SESSION|DSN|SALT|CERT|LOGIN|USER)(_|$)/i
/** The minimum length of a value of the bot's own that may be a key. */
const SHORTEST_KEY = 20

/**
 * Returns what of the settings is left open. What may be a secret is sealed: of the bot's own settings also those whose name
 * has a word such as SEED in it, and those whose value is long, or has several lines.
 */
export function openPartOf(text: string): OpenPart {
  const { values } = parseEnvFile(text)
  const secrets = secretForms(values)
  const isOpen = (name: string, value: string) =>
    isShowable(name, value, secrets) &&
    (name in SCHEMA || (!SECRET_WORD.test(name) && value.length < SHORTEST_KEY && !value.includes('\n')))
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === '' || isOpen(name, value) ? value : null]),
  )
}

/** Returns whether an object is an open part, as a file of ours holds it. */
export function isOpenPart(value: Fields): value is OpenPart {
  return Object.values(value).every((one) => one === null || typeof one === 'string')
}

/**
 * Returns today's settings with the values that an earlier backup has left open. Secrets, what was sealed, and what belongs
 * to the machine stay today's, and so do the comments.
 */
export function withOpenPart(open: OpenPart, today: string): string {
  const { values: now } = parseEnvFile(today)
  const names = [...new Set([...Object.keys(now), ...Object.keys(open)])]
  return names
    .filter((name) => !isSecretName(name) && !OF_THE_MACHINE.includes(name))
    .reduce((text, name) => {
      const then = open[name]
      if (then === null || then === now[name]) return text
      if (then === undefined) return withoutSetting(text, name)
      // nothing must stay of a value that goes on over several lines
      return withSetting(now[name]?.includes('\n') ? withoutSetting(text, name) : text, name, quotedValue(then))
    }, today)
}
