import { join } from 'node:path'
import { parseEnvFile } from '#core/config/env-file.js'
import { nearestHome } from '#core/config/home.js'
import { exists, readText } from '#core/platform/fs/files.js'

/**
 * Returns whether a command line without a word means `status`: in a home of ours, or where CATALYST_HOME names one. A
 * folder with a `.env` is a home of ours if that has a setting of ours, which `isSetting` tells.
 */
export function meansStatus(
  words: readonly string[],
  { cwd, named }: { cwd: string; named: string | undefined },
  isSetting: (name: string) => boolean,
): boolean {
  if (words.length > 0) return false
  if (named) return true
  const { home, by } = nearestHome(cwd)
  return by === 'search' && (exists(join(home, '.catalyst')) || hasSettings(join(home, '.env'), isSetting))
}

function hasSettings(path: string, isSetting: (name: string) => boolean): boolean {
  try {
    return Object.keys(parseEnvFile(readText(path) ?? '').values).some(isSetting)
  } catch {
    return false // not permitted: not ours
  }
}
