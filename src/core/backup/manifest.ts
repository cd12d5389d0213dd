import { isAbsolute, join } from 'node:path'
import type { HomePaths } from '#core/home/home-paths.js'
import { isObject, objectIn } from '#core/json.js'
import { writeJson } from '#core/platform/fs/json-file.js'
import { STAGING } from './contents.js'
import type { StagedDatabase } from './stage.js'

/** What a backup tells of itself, in a file of its own. */
export interface Manifest {
  /** The paths that were to be backed up, relative to the home. */
  readonly paths: readonly string[]
  readonly databases: readonly StagedDatabase[]
}

const FILE = '.catalyst/backup.json'
/** Its path in a backup. */
export const MANIFEST_PATH = `${STAGING}/${FILE}`

export function writeManifest({ staging }: HomePaths, manifest: Manifest): void {
  writeJson(join(staging, FILE), manifest)
}

/** Returns the manifest in a text; undefined where it is none. No path in it leads out of the home. */
export function manifestIn(text: string): Manifest | undefined {
  const { paths, databases } = objectIn(text) ?? {}
  if (!Array.isArray(paths) || !paths.every(isInside)) return undefined
  if (!Array.isArray(databases) || !databases.every((one) => isObject(one) && isInside(one.path))) return undefined
  return { paths, databases }
}

function isInside(path: unknown): path is string {
  if (typeof path !== 'string') return false
  return (
    path !== '' &&
    !isAbsolute(path) &&
    !/^[a-z]:/i.test(path) &&
    !path.split(process.platform === 'win32' ? /[\\/]/ : '/').some((part) => ['', '.', '..'].includes(part))
  )
}
