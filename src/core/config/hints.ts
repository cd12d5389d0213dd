import { SETTING_NAMES } from './schema.js'

/** What may be meant otherwise: a setting's name with a slip in it. */
export function hintsOf(environment: Readonly<Record<string, string>>): string[] {
  return Object.keys(environment).flatMap((name) => {
    if ((SETTING_NAMES as string[]).includes(name)) return []
    const meant = SETTING_NAMES.find((known) => distance(known, name.toUpperCase()) <= (known.length > 8 ? 2 : 1))
    return meant ? [`${name} is not a setting: did you mean ${meant}?`] : []
  })
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      next.push(
        Math.min((next[j] as number) + 1, (row[j + 1] as number) + 1, (row[j] as number) + (letter === other ? 0 : 1)),
      )
    }
    row = next
  }
  return row[b.length] as number
}
