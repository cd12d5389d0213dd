import { parseSetting } from '#core/config/parse.js'
import { ruleOf, SCHEMA, type SettingName } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomeFiles } from '#core/home/home.js'
import { readText } from '#core/platform/fs/files.js'
import { makeFolder, rewriteSecret } from '#core/platform/fs/write-files.js'
import { type EnvPlan, planEnv } from './env-plan.js'

/**
 * Writes more settings into the home's `.env`, at once and as its owner: a new file is for its owner alone, the text of
 * one that is there stays.
 * @throws CatalystError SETTINGS_INVALID for a value that none can be; then nothing is written
 */
export function writeSettings(
  { paths, asOwner }: HomeFiles,
  settings: Readonly<Record<string, string>>,
  asked: ReadonlySet<string>,
): EnvPlan {
  checkSettings(settings)
  return asOwner(() => {
    const text = readText(paths.env) ?? ''
    const plan = planEnv(text, settings, asked)
    if (plan.text === text) return plan
    makeFolder(paths.own)
    rewriteSecret(paths.env, plan.text, paths.own)
    return plan
  })
}

/**
 * Checks the values of our own settings.
 * @throws CatalystError SETTINGS_INVALID
 */
export function checkSettings(settings: Readonly<Record<string, string>>): void {
  const faults = Object.entries(settings).flatMap(([name, value]) => {
    const fault = faultOf(name, value)
    return fault === undefined ? [] : [`${name} ${fault}`]
  })
  if (faults.length === 0) return
  throw new CatalystError(`Nothing was written:\n${faults.map((fault) => `- ${fault}`).join('\n')}`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: ['Correct the answer, then: catalyst init'],
  })
}

/** Returns why a value can't be that of a setting of ours; undefined where it can, and for settings of others. */
export function faultOf(name: string, value: string): string | undefined {
  if (!/^[A-Za-z_][\w.]*$/.test(name)) return 'is no name of a setting'
  if (!(name in SCHEMA)) return undefined
  const parsed = parseSetting(ruleOf(name as SettingName), value)
  return 'fault' in parsed ? parsed.fault : undefined
}
