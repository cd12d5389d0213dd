import { join } from 'node:path'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { readText } from '#core/system/files.js'
import { countOf } from '#core/text.js'
import { splitCommand } from './command-words.js'
import { parseEnvFile } from './env-file.js'
import { parseSetting } from './parse.js'
import { ruleOf, SETTING_NAMES, type SettingName, type Settings } from './schema.js'

export type Origin = 'default' | '.env' | 'environment'

export interface Config {
  readonly settings: Settings
  readonly origins: Readonly<Record<SettingName, Origin>>
  /** All that `.env` holds and, over it, the environment's values: what a bot may see. */
  readonly environment: Readonly<Record<string, string>>
  readonly faults: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads a home's settings: `.env`, and over it the environment. Faults are collected, not thrown. */
export function readConfig(home: string, environment: Environment): Config {
  const path = join(home, '.env')
  const { text, fault } = readEnvText(path)
  const file = parseEnvFile(text)
  const set = definedOf(environment)
  const faults = [...(fault ? [fault] : []), ...file.faults.map((one) => `${path}, ${one}`)]
  if ('CATALYST_HOME' in file.values) faults.push(`CATALYST_HOME can't be set in ${path}: it is what names the home`)
  const settings: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  for (const name of SETTING_NAMES) {
    const rule = ruleOf(name)
    const origin: Origin = name in set ? 'environment' : name in file.values ? '.env' : 'default'
    const raw = set[name] ?? file.values[name] ?? rule.default
    // an emptied line means 'not set' where there is something to fall back on
    const parsed = parseSetting(rule, raw.trim() === '' ? rule.default : raw)
    if ('fault' in parsed) {
      faults.push(`${name} (${origin === '.env' ? path : 'environment'}) ${parsed.fault}`)
      const fallback = parseSetting(rule, rule.default)
      settings[name] = 'value' in fallback ? fallback.value : undefined
    } else {
      settings[name] = parsed.value
    }
    origins[name] = raw.trim() === '' ? 'default' : origin
  }
  return {
    settings: settings as unknown as Settings,
    origins: origins as Record<SettingName, Origin>,
    environment: { ...file.values, ...set },
    faults: [...faults, ...contradictions(settings as unknown as Settings)],
  }
}

/**
 * The settings, or an error that names all faults at once.
 * @throws CatalystError SETTINGS_INVALID
 */
export function loadConfig(home: string, environment: Environment): Config {
  const config = readConfig(home, environment)
  if (config.faults.length === 0) return config
  throw new CatalystError(
    `The settings have ${countOf(config.faults.length, 'fault')}:\n${config.faults.map((one) => `- ${one}`).join('\n')}`,
    {
      code: 'SETTINGS_INVALID',
      exit: EXIT.settings,
      suggestions: ['Correct them, then run: catalyst config check'],
    },
  )
}

function contradictions(settings: Settings): string[] {
  const faults: string[] = []
  for (const name of ['BOT_COMMAND', 'DEPLOY_INSTALL_COMMAND', 'DEPLOY_CHECK_COMMAND'] as const) {
    if (/[\r\n]/.test(settings[name] ?? '')) {
      faults.push(`${name} holds a line break: write it in single quotes, because \\n within double quotes is one`)
    }
    const words = splitCommand(settings[name] ?? 'none')
    if ('fault' in words) faults.push(`${name} can't be understood: ${words.fault}`)
  }
  if (settings.BOT_COMMAND !== undefined && settings.BOT_MODULE !== undefined) {
    faults.push('BOT_COMMAND and BOT_MODULE are both set: keep one')
  }
  if (settings.BOT_PROOF === 'url' && settings.BOT_HEALTH_URL === undefined) {
    faults.push('BOT_PROOF is url, but BOT_HEALTH_URL is not set')
  }
  if (settings.BOT_COMMAND !== undefined && settings.BOT_PROOF === 'cycle') {
    faults.push('BOT_PROOF is cycle, but a program has no cycles: use report, url, process or auto')
  }
  return faults
}

function readEnvText(path: string): { text: string; fault?: string } {
  try {
    return { text: readText(path) ?? '' }
  } catch (error) {
    return { text: '', fault: `${path} can't be read: ${messageOf(error)}` }
  }
}

/** An environment without what isn't set. */
export function definedOf(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}

const DEMO_CYCLE_SECONDS = 5

/** The settings for a demo: the built-in bot, whatever is set, quick enough to watch, and nobody outside is asked. */
export function demoConfig(config: Config): Config {
  const { settings, origins } = config
  const paused = origins.BOT_CYCLE_SECONDS === 'default' ? DEMO_CYCLE_SECONDS : settings.BOT_CYCLE_SECONDS
  return {
    ...config,
    settings: {
      ...settings,
      BOT_COMMAND: undefined,
      BOT_MODULE: undefined,
      BOT_PROOF: 'auto',
      HEALTH_SERVICES: {},
      DISCORD_WEBHOOK_URL: undefined,
      TIINGO_API_KEY: undefined,
      FINNHUB_API_KEY: undefined,
      OLLAMA_URL: undefined,
      BOT_CYCLE_SECONDS: paused,
    },
  }
}
