import { distance } from '#core/text.js'
import type { Schema } from './rule.js'
import { SCHEMA, type SettingName } from './schema.js'

/** A name that is one of ours but for a typo. */
interface NearName {
  readonly name: string
  readonly meant: string
  /** True if it can hardly be meant otherwise: then it is a fault. */
  readonly isSure: boolean
}

/** Settings that replace each other: if one is set, a name near the other is the bot's own. */
const ALTERNATIVES: readonly (readonly string[])[] = [['BOT_COMMAND', 'BOT_MODULE']] satisfies SettingName[][]
/** Names of ours that many bots use, too. */
const COMMON: readonly string[] = ['LOG_LEVEL'] satisfies SettingName[]
/** The length from which two typos in a name are still typos; in a shorter one they may make another word. */
const LONG = 12
const MOST_SLIPS = 2

/**
 * Finds names with a typo in them, such as BOT_COMAND. A bot may have settings of its own with a name near one of ours:
 * a name is a typo for sure only while the setting that it would mean isn't set, not even to nothing.
 */
export function nearNames(environment: Readonly<Record<string, string>>, schema: Schema): NearName[] {
  const names = Object.keys(schema)
  return Object.keys(environment).flatMap((name) => {
    if (name in schema) return []
    const near = nearest(name, names)
    if (near === undefined || near.meant in environment) return []
    const { meant, slips } = near
    const isOurs = meant in SCHEMA && !COMMON.includes(meant)
    const others = ALTERNATIVES.find((one) => one.includes(meant)) ?? []
    const isSure = isOurs && (slips <= 1 || meant.length >= LONG) && !others.some((other) => other in environment)
    return [{ name, meant, isSure }]
  })
}

function nearest(name: string, names: readonly string[]): { meant: string; slips: number } | undefined {
  const upper = name.toUpperCase()
  return names
    .filter((meant) => Math.abs(meant.length - upper.length) <= MOST_SLIPS && otherLetters(meant, upper) <= MOST_SLIPS)
    .map((meant) => ({ meant, slips: distance(meant, upper) }))
    .filter(({ meant, slips }) => slips <= (meant.length > 8 ? MOST_SLIPS : 1))
    .sort((a, b) => a.slips - b.slips)[0]
}

/** Returns how many letters of a name the other one lacks: never more than their distance, and found much sooner. */
function otherLetters(name: string, other: string): number {
  let rest = other
  let missing = 0
  for (const letter of name) {
    const left = rest.replace(letter, '')
    if (left === rest) missing++
    rest = left
  }
  return missing
}
