import { join } from 'node:path'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import { isFolder, readText } from '#core/platform/fs/files.js'
import { countOf } from '#core/text.js'
import { alertFaults } from './alerts/alert-channels.js'
import { shellSyntax, splitCommand } from './command-words.js'
import { parseEnvFile } from './env-file.js'
import { nearNames } from './near-names.js'
import { parseSetting } from './parse.js'
import { proofFaults } from './proof/proof-settings.js'
import type { Dependency, Schema } from './rule.js'
import { SCHEMA, type SettingName, type Settings } from './schema.js'

export type Origin = 'default' | '.env' | 'environment'

export interface Config {
  readonly settings: Settings
  readonly origins: Readonly<Record<SettingName, Origin>>
  /** All of `.env`, overridden by the environment's values: what a bot may see. */
  readonly environment: Readonly<Record<string, string>>
  /** The dependencies of HEALTH_SERVICES, else those that follow from other settings of the schema that was read. */
  readonly dependencies: readonly Dependency[]
  readonly faults: readonly string[]
  /** Findings that work, but may be meant otherwise. */
  readonly hints: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads a home's settings: `.env`, overridden by the environment. Faults are collected, not thrown. `schema` is ours, or
 * ours with that of bots.
 */
export function readConfig(home: string, environment: Environment, schema: Schema = SCHEMA): Config {
  const path = join(home, '.env')
  return configOf(path, readEnvText(path), environment, schema)
}

/** Returns the settings that `.env` gives with this text; see {@link readConfig}. `fault` is why it can't be read. */
export function configOf(
  path: string,
  { text, fault }: { readonly text: string; readonly fault?: string },
  environment: Environment,
  schema: Schema = SCHEMA,
): Config {
  const file = parseEnvFile(text)
  const set = definedOf(environment)
  const faults = [...(fault ? [fault] : []), ...file.faults.map((one) => `${path}, ${one}`)]
  if ('CATALYST_HOME' in file.values)
    faults.push(`CATALYST_HOME can't be set in ${path}: it names the home, so it must come from the environment`)
  const settings: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  for (const [name, rule] of Object.entries(schema)) {
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
  const seen = { ...file.values, ...set }
  const near = nearNames(seen, schema).map(({ name, meant, isSure }) => {
    const where = name in set ? 'environment' : path
    const own = isSure ? ` If it is the bot's own, add the line ${meant}= to say so` : ''
    return { isSure, text: `${name} (${where}) is not a setting: did you mean ${meant}?${own}` }
  })
  const found = commandFindings(settings as unknown as Settings)
  return {
    settings: settings as unknown as Settings,
    origins: origins as Record<SettingName, Origin>,
    environment: seen,
    dependencies: dependenciesOf(schema, settings),
    faults: [
      ...faults,
      ...near.filter(({ isSure }) => isSure).map(({ text }) => text),
      ...found.faults,
      ...contradictions(settings as unknown as Settings),
    ],
    hints: [...near.filter(({ isSure }) => !isSure).map(({ text }) => text), ...found.hints],
  }
}

/**
 * Returns the settings, or throws an error that names all faults at once.
 * @throws CatalystError SETTINGS_INVALID
 */
export function loadConfig(home: string, environment: Environment, schema?: Schema): Config {
  const config = readConfig(home, environment, schema)
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

function dependenciesOf(schema: Schema, settings: Readonly<Record<string, unknown>>): Dependency[] {
  const named = Object.entries((settings as unknown as Settings).HEALTH_SERVICES)
  if (named.length > 0) return named.map(([name, url]) => ({ name, url, headers: {} }))
  return Object.entries(schema).flatMap(([name, { dependency }]) => {
    const value = settings[name]
    return dependency && typeof value === 'string' ? [dependency(value)] : []
  })
}

const COMMANDS = [
  'BOT_COMMAND',
  'BOT_STOP_COMMAND',
  'BOT_HEALTH_COMMAND',
  'DEPLOY_INSTALL_COMMAND',
  'DEPLOY_CHECK_COMMAND',
] as const

/** Returns the faults and hints of the settings that are command lines. */
function commandFindings(settings: Settings): { faults: string[]; hints: string[] } {
  const faults: string[] = []
  const hints: string[] = []
  for (const name of COMMANDS) {
    const command = settings[name]
    if (command === undefined) continue
    if (/[\r\n]/.test(command)) {
      faults.push(`${name} holds a line break: write it in single quotes, because \\n within double quotes is one`)
    }
    const words = splitCommand(command)
    if ('fault' in words) faults.push(`${name} can't be understood: ${words.fault}`)
    const shell = shellSyntax(command)
    faults.push(...shell.faults.map((text) => `${name} ${text}`))
    hints.push(...shell.hints.map((text) => `${name} ${text}`))
  }
  return { faults, hints }
}

function contradictions(settings: Settings): string[] {
  const faults: string[] = []
  if (settings.BOT_COMMAND !== undefined && settings.BOT_MODULE !== undefined) {
    faults.push('BOT_COMMAND and BOT_MODULE are both set: keep one')
  }
  return [...faults, ...proofFaults(settings), ...alertFaults(settings)]
}

function readEnvText(path: string): { text: string; fault?: string } {
  try {
    if (isFolder(path))
      return { text: '', fault: `${path} is a folder, and must be a file: a virtual environment goes to .venv` }
    return { text: readText(path) ?? '' }
  } catch (error) {
    return { text: '', fault: `${path} can't be read: ${messageOf(error)}` }
  }
}

/** Returns an environment without undefined values. */
export function definedOf(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
}
