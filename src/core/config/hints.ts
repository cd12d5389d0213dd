import { distance } from '#core/text.js'
import { SETTING_NAMES } from './schema.js'

/** What may be meant otherwise: a setting's name with a slip in it. */
export function hintsOf(environment: Readonly<Record<string, string>>): string[] {
  return Object.keys(environment).flatMap((name) => {
    if ((SETTING_NAMES as string[]).includes(name)) return []
    const meant = SETTING_NAMES.find((known) => distance(known, name.toUpperCase()) <= (known.length > 8 ? 2 : 1))
    return meant ? [`${name} is not a setting: did you mean ${meant}?`] : []
  })
}
