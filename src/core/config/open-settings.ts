import { join } from 'node:path'
import { readText } from '#core/platform/fs/files.js'
import { isOpenToAll } from '#core/platform/fs/permissions.js'
import { quoteWord } from '#core/text.js'
import { parseEnvFile } from './env-file.js'
import { isSecretName } from './secrets.js'

/**
 * Returns the warning if every user of this machine can read secrets in the home's `.env`, with what to type. A group
 * may read them: its owner has a reason to let it in. Nothing is changed, since the file is the owner's.
 */
export function openSettings(home: string): string[] {
  const path = join(home, '.env')
  if (!isOpenToAll(path)) return []
  if (!hasSecrets(path)) return []
  return [`every user of this machine can read the secrets in ${path}. Close it: chmod 600 ${quoteWord(path)}`]
}

/** Returns whether a `.env` holds secrets. */
export function hasSecrets(path: string): boolean {
  const { values } = parseEnvFile(readText(path) ?? '')
  return Object.entries(values).some(([name, value]) => isSecretName(name) && value.trim() !== '')
}
