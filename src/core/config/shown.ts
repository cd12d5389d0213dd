import type { Config, Origin } from './load.js'
import { ruleOf, SETTING_NAMES } from './schema.js'
import { isSecretName } from './secrets.js'

export interface ShownSetting {
  readonly name: string
  /** As text; `***` stands for a secret that is set, '' for what isn't set. */
  readonly value: string
  readonly from: Origin
}

/** The settings in force as text that may be shown to anybody. */
export function shownSettings({ settings, origins, environment }: Config): ShownSetting[] {
  return SETTING_NAMES.map((name) => {
    const isSet = origins[name] !== 'default'
    const text = isSet ? (environment[name] ?? '').trim() : ruleOf(name).default
    return {
      name,
      value: isSecretName(name) && settings[name] !== undefined ? '***' : withoutKeys(text),
      from: origins[name],
    }
  })
}

/** An address may carry a user and a password before an @, and a key in its query; in a list, too. */
function withoutKeys(text: string): string {
  return text.replace(/(\bhttps?:\/\/)[^\s,]*@/gi, '$1***@').replace(/([?&][^=&#,\s]*=)[^&#,\s]+/g, '$1***')
}
