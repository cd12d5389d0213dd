import { parseEnvFile } from '#core/config/env-file.js'

/** Which settings two texts of `.env` differ in: names alone, never values. */
export interface ChangedKeys {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** What becomes of the settings when `after` takes the place of `before`. */
export function changedKeys(before: string, after: string): ChangedKeys {
  const [old, fresh] = [parseEnvFile(before).values, parseEnvFile(after).values]
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort()
  return {
    added: names.filter((name) => !(name in old)),
    removed: names.filter((name) => !(name in fresh)),
    changed: names.filter((name) => name in old && name in fresh && old[name] !== fresh[name]),
  }
}
