import { readText } from './files.js'
import { writeAtomically } from './write-files.js'

/** A size that no file of ours comes near. */
const MOST_BYTES = 16 * 1024 * 1024

type Fields = Record<string, unknown>

/**
 * Returns the object in a small JSON file of ours, or undefined if the file is missing, incomplete, or too large to be
 * one. `migrate` translates what an earlier version wrote.
 */
export function readJson<T>(
  path: string,
  isValid: (value: Fields) => boolean,
  migrate: (value: Fields) => Readonly<Fields> = (value) => value,
): T | undefined {
  const text = readText(path, MOST_BYTES)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    const fields = migrate(value as Fields)
    return isValid(fields) ? (fields as T) : undefined
  } catch {
    return undefined
  }
}

/** Writes such a file atomically, formatted for people to read: see {@link writeAtomically}. */
export function writeJson(path: string, value: object, mode?: number): void {
  writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`, mode)
}
