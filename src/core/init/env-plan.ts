import { quotedValue, withSetting } from '#core/config/env-edit.js'
import { parseEnvFile } from '#core/config/env-file.js'

/** A change of `.env`: its new text, and what happens to which name. */
export interface EnvPlan {
  readonly text: string
  readonly added: readonly string[]
  readonly replaced: readonly string[]
  /** Names that have another value already, which stays. */
  readonly kept: readonly string[]
}

/**
 * Plans the text of `.env` with more settings. A value that is there stays, unless its name is among `asked`: somebody
 * was asked, or named it. Nothing else is touched.
 */
export function planEnv(text: string, settings: Readonly<Record<string, string>>, asked: ReadonlySet<string>): EnvPlan {
  const before = parseEnvFile(text).values
  const plan = { text, added: [] as string[], replaced: [] as string[], kept: [] as string[] }
  for (const [name, value] of Object.entries(settings)) {
    const is = before[name]
    if (is === value) continue
    const isThere = is !== undefined && is !== ''
    if (isThere && !asked.has(name)) {
      plan.kept.push(name)
      continue
    }
    plan.text = withSetting(plan.text, name, quotedValue(value))
    ;(isThere ? plan.replaced : plan.added).push(name)
  }
  return plan
}
