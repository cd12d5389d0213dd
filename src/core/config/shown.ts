import type { Config, Origin } from './load.js'
import type { Schema } from './rule.js'
import { isSecretName, secretForms } from './secrets.js'

export interface ShownSetting {
  readonly name: string
  /** The value as text; `***` stands for a secret that is set, '' for one that isn't set. */
  readonly value: string
  readonly from: Origin
}

/** Returns the settings in force as text that may be shown to anybody. `schema` is the one that they were read by. */
export function shownSettings({ origins, environment }: Config, schema: Schema): ShownSetting[] {
  const secrets = secretForms(environment)
  return Object.entries(origins).map(([name, from]) => {
    const isSet = from !== 'default'
    const text = isSet ? (environment[name] ?? '').trim() : (schema[name]?.default ?? '')
    const value = isSecretName(name) && isSet ? MASK : withoutKeys(withoutSecrets(text, secrets))
    return { name, value, from }
  })
}

/** Returns whether a setting's value holds no secret, by its name and by what it looks like. `secrets` are the forms of all. */
export function isShowable(name: string, value: string, secrets: readonly string[]): boolean {
  return !isSecretName(name) && withoutKeys(withoutSecrets(value, secrets)) === value
}

/** Masks secrets within another setting's value, such as in the address of a dependency. */
function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((clean, secret) => clean.replaceAll(secret, MASK), text)
}

const MASK = '***'
const USER = /(\b[a-z][a-z\d+.-]*:\/\/)[^\s,]*@/gi
const QUERY = /([?&#][^=&#,\s]*=)[^&#,\s]+/g
const FLAG = /(--?[\w-]*(?:token|secret|password|passphrase|api-?key)(?:=|\s+))\S+/gi
/** The private half of a key pair of age, which somebody may take for its recipient. */
const IDENTITY = /AGE-SECRET-KEY-[\w-]+/gi
const ADDRESS = /\b[a-z][a-z\d+.-]*:\/\/[^\s,]+/gi
/** A part of a path that is a key rather than a word: long, with letters and digits in it. */
const KEY = /(\/)(?=[^/?#]*\d)(?=[^/?#]*[a-z])[^/?#]{20,}/gi

/**
 * Masks keys: an address may carry a user and a password before an @, and a key in its query, its fragment or its path,
 * also in a list. A program may be given its key by a flag.
 */
function withoutKeys(text: string): string {
  return text
    .replace(IDENTITY, MASK)
    .replace(USER, `$1${MASK}@`)
    .replace(QUERY, `$1${MASK}`)
    .replace(FLAG, `$1${MASK}`)
    .replace(ADDRESS, (address) => {
      const path = address.indexOf('/', address.indexOf('://') + 3)
      return path === -1 ? address : address.slice(0, path) + address.slice(path).replace(KEY, `$1${MASK}`)
    })
}
