import { join } from 'node:path'
import { exists, isFolder, listFolder, readText } from '#core/platform/fs/files.js'

/** The files of a bot's folder, which are read and never run. Paths are relative to the folder, with slashes. */
export interface BotFiles {
  readonly folder: string
  readonly platform: NodeJS.Platform
  has(path: string): boolean
  /** Returns the text of a file; undefined if there is none, or it is too large to be what is looked for. */
  text(path: string): string | undefined
  /** Returns the names in a folder, `''` for the bot's own. */
  names(path: string): readonly string[]
  /** The units of systemd on this machine that are not ours, by their path. */
  readonly units: ReadonlyMap<string, string>
}

/** The maximum size of a file that is read: scripts and lists of packages are far smaller. */
const LONGEST_FILE = 512 * 1024
const LONGEST_UNIT = 64 * 1024

/** Returns the files of a folder. What is not readable counts as missing. `unitFolders` may hold units of systemd. */
export function openBotFiles(
  folder: string,
  unitFolders: readonly string[],
  platform: NodeJS.Platform = process.platform,
): BotFiles {
  return {
    folder,
    platform,
    has: (path) => exists(join(folder, path)),
    text: (path) => textAt(join(folder, path), LONGEST_FILE),
    names: (path) => namesIn(join(folder, path)),
    units: unitsIn([...unitFolders, folder]),
  }
}

function unitsIn(folders: readonly string[]): Map<string, string> {
  const paths = folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => name.endsWith('.service'))
      .map((name) => join(folder, name)),
  )
  const units = paths.map((path) => [path, textAt(path, LONGEST_UNIT) ?? ''] as const)
  return new Map(units.filter(([, text]) => text !== '' && !isOurs(text)))
}

/** Returns whether we wrote this unit. */
function isOurs(text: string): boolean {
  return /catalyst/i.test(text)
}

function namesIn(path: string): string[] {
  try {
    return listFolder(path)
  } catch {
    return []
  }
}

function textAt(path: string, mostBytes: number): string | undefined {
  try {
    return isFolder(path) ? undefined : readText(path, mostBytes)
  } catch {
    return undefined
  }
}
