import { type Config, loadConfig, readConfig } from '#core/config/load.js'
import type { Schema } from '#core/config/rule.js'
import { SCHEMA } from '#core/config/schema.js'
import { NEWS_SCHEMA } from './news/schema.js'

/** Every setting there is: those of Catalyst, and those of the bots that come with it. */
export const FULL_SCHEMA: Schema = { ...SCHEMA, ...NEWS_SCHEMA }

type Environment = Parameters<typeof readConfig>[1]

/** Reads a home's settings as {@link readConfig} does, those of the bundled bots among them. */
export function readFullConfig(home: string, environment: Environment): Config {
  return readConfig(home, environment, FULL_SCHEMA)
}

/**
 * Returns a home's settings as {@link loadConfig} does, those of the bundled bots among them.
 * @throws CatalystError SETTINGS_INVALID
 */
export function loadFullConfig(home: string, environment: Environment): Config {
  return loadConfig(home, environment, FULL_SCHEMA)
}

/**
 * Returns a home's settings for a check of what they name: their values as this process sees them, and the environment
 * of a bot that sees `seen`.
 */
export function readConfigToCheck(home: string, seen: Environment): Config {
  const { environment } = readFullConfig(home, seen)
  return { ...readFullConfig(home, process.env), environment }
}
