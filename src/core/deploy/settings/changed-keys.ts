import { parseEnvFile } from '#core/config/env-file.js'

/** The settings in which two texts of `.env` differ: names alone, never values. */
export interface ChangedKeys {
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly changed: readonly string[]
}

/** Returns the settings that change when `after` takes the place of `before`. */
export function changedKeys(before: string, after: string): ChangedKeys {
  const [old, fresh] = [parseEnvFile(before).values, parseEnvFile(after).values]
  const names = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort()
  return {
    added: names.filter((name) => !(name in old)),
    removed: names.filter((name) => !(name in fresh)),
    changed: names.filter((name) => name in old && name in fresh && old[name] !== fresh[name]),
  }
}
