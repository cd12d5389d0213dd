import { readBeginning } from '#core/platform/fs/files.js'

/** The length of the first line that Linux reads. */
const LONGEST_SHEBANG = 256

/** Returns the first line of a program's file, which names an interpreter after `#!`; empty where it can't be read. */
export function firstLineOf(path: string): string {
  return (readBeginning(path, LONGEST_SHEBANG) ?? '').split('\n')[0] as string
}
