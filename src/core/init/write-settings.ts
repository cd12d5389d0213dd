import { shellSyntax } from '#core/config/command-words.js'
import { configOf, readConfig } from '#core/config/load.js'
import { parseSetting } from '#core/config/parse.js'
import { ruleOf, SCHEMA, type SettingName } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomeFiles } from '#core/home/home.js'
import { isFolder, readText } from '#core/platform/fs/files.js'
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
  return asOwner(() => {
    const text = readText(paths.env) ?? ''
    const plan = planSettings(paths.env, text, settings, asked)
    if (plan.text === text) return plan
    makeFolder(paths.own)
    rewriteSecret(paths.env, plan.text, paths.own)
    return plan
  })
}

/**
 * Plans the text of `.env` with more settings.
 * @throws CatalystError SETTINGS_INVALID for what no bot could be started with
 */
export function planSettings(
  path: string,
  text: string,
  settings: Readonly<Record<string, string>>,
  asked: ReadonlySet<string>,
): EnvPlan {
  const noName = Object.keys(settings).find((name) => !isName(name))
  const plan = noName === undefined ? planEnv(text, settings, asked) : undefined
  const faults = plan === undefined ? [`${noName} ${NO_NAME}`] : configOf(path, plan, process.env).faults
  if (plan !== undefined && faults.length === 0) return plan
  throw invalid(faults, 'Nothing was written, since no bot could be started so')
}

/**
 * Refuses an `.env` with faults before anything is asked: added to it, settings would not be read, and a file that is not
 * UTF-8 would be lost.
 * @throws CatalystError SETTINGS_INVALID
 */
export function refuseFaults({ paths, asOwner }: HomeFiles): void {
  if (!isFolder(paths.env)) asOwner(() => readText(paths.env)) // what is not permitted is no fault of the settings
  const { faults } = asOwner(() => readConfig(paths.home, process.env))
  if (faults.length > 0) throw invalid(faults, 'Nothing was changed, since there are faults in the settings')
}

function invalid(faults: readonly string[], howItStands: string): CatalystError {
  const list = faults.map((fault) => `- ${fault}`).join('\n')
  return new CatalystError(`${howItStands}:\n${list}`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: ['Correct it, then: catalyst init'],
  })
}

const NO_NAME = 'is no name of a setting'

function isName(name: string): boolean {
  return /^[A-Za-z_][\w.]*$/.test(name)
}

/** Returns why a value can't be that of a setting of ours; undefined where it can, and for settings of others. */
export function faultOf(name: string, value: string): string | undefined {
  if (!isName(name)) return NO_NAME
  if (!(name in SCHEMA)) return undefined
  const parsed = parseSetting(ruleOf(name as SettingName), value)
  if ('fault' in parsed) return parsed.fault
  return name === 'BOT_COMMAND' ? shellSyntax(value).faults[0] : undefined
}
