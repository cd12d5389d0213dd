import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'

/** Returns whether a text matches a pattern. */
export type Matches = (text: string) => boolean

export type PatternName = 'BOT_HEALTH_EXPECT' | 'BOT_LOG_PROOF' | 'BOT_LOG_ERROR'
const NAMES: readonly PatternName[] = ['BOT_HEALTH_EXPECT', 'BOT_LOG_PROOF', 'BOT_LOG_ERROR']

/**
 * Returns the patterns that are set. They are RE2's, whose time is linear: what a bot prints must not hang us, whatever
 * the pattern.
 * @throws CatalystError SETTINGS_INVALID
 */
export async function compilePatterns(settings: Settings): Promise<Partial<Record<PatternName, Matches>>> {
  const { patterns, faults } = await tryPatterns(settings)
  if (faults.length === 0) return patterns
  throw new CatalystError(faults.join('\n'), {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: ['Correct it, then run: catalyst config check'],
  })
}

/** Returns the faults of the patterns that are set. */
export async function patternFaults(settings: Settings): Promise<string[]> {
  return (await tryPatterns(settings)).faults
}

async function tryPatterns(
  settings: Settings,
): Promise<{ patterns: Partial<Record<PatternName, Matches>>; faults: string[] }> {
  const patterns: Partial<Record<PatternName, Matches>> = {}
  const faults: string[] = []
  const set = NAMES.filter((name) => settings[name] !== undefined)
  if (set.length === 0) return { patterns, faults }
  const { RE2JS } = await import('re2js')
  for (const name of set) {
    try {
      const pattern = RE2JS.compile(settings[name] as string)
      patterns[name] = (text) => pattern.test(text)
    } catch (error) {
      const why = messageOf(error).replace(/^error parsing regexp: /, '')
      faults.push(`${name} is no pattern that RE2 understands: ${why}`)
    }
  }
  return { patterns, faults }
}
