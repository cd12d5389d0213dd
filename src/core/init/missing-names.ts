import { parseEnvFile } from '#core/config/env-file.js'
import { SCHEMA } from '#core/config/schema.js'
import type { BotFiles } from './bot-files.js'

const EXAMPLES = ['.env.example', '.env.sample', '.env.template', '.env.dist', 'env.example', 'example.env']

/** Returns the settings of the bot's own that its example names and `.env` lacks, each with the example's value. */
export function missingNames(
  files: BotFiles,
  settings: Readonly<Record<string, string>>,
): { from: string; names: Readonly<Record<string, string>> } | undefined {
  const from = EXAMPLES.find(files.has)
  if (from === undefined) return undefined
  const { values } = parseEnvFile(files.text(from) ?? '')
  const missing = Object.entries(values).filter(([name]) => !(name in SCHEMA) && !settings[name])
  return missing.length === 0 ? undefined : { from, names: Object.fromEntries(missing) }
}
