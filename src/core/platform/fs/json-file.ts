import { type Fields, objectIn } from '#core/json.js'
import { readText } from './files.js'
import { writeAtomically } from './write-files.js'

/** A size that no file of ours comes near. */
const MOST_BYTES = 16 * 1024 * 1024

/**
 * Returns the object in a small JSON file of ours, or undefined if the file is missing, incomplete, or too large to be
 * one. `migrate` translates what an earlier version wrote.
 */
export function readJson<T>(
  path: string,
  isValid: (value: Fields) => boolean,
  migrate: (value: Fields) => Fields = (value) => value,
): T | undefined {
  const text = readText(path, MOST_BYTES)
  const value = text === undefined ? undefined : objectIn(text)
  if (value === undefined) return undefined
  try {
    const fields = migrate(value)
    return isValid(fields) ? (fields as T) : undefined
  } catch {
    return undefined // values of kinds that no version has written
  }
}

/** Writes such a file atomically, formatted for people to read: see {@link writeAtomically}. */
export function writeJson(path: string, value: object, mode?: number, options?: { isFlushed: boolean }): void {
  writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`, mode, options)
}
