import { readText, writeAtomically } from '#core/system/files.js'

/** The object in a small JSON file of ours, or undefined where the file is missing or not whole. */
export function readJson<T>(path: string, isValid: (value: Record<string, unknown>) => boolean): T | undefined {
  const text = readText(path)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return isValid(value as Record<string, unknown>) ? (value as T) : undefined
  } catch {
    return undefined
  }
}

/** Writes such a file atomically, for people to read: see {@link writeAtomically}. */
export function writeJson(path: string, value: object, mode?: number): void {
  writeAtomically(path, `${JSON.stringify(value, null, 2)}\n`, mode)
}
