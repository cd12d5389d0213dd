import { join } from 'node:path'
import { seal } from '#core/config/seal.js'
import { messageOf } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { listFolder, readBytes } from '#core/platform/fs/files.js'
import { kindAt } from '#core/platform/fs/links.js'
import { changeMode } from '#core/platform/fs/permissions.js'
import { OWNER_ONLY, removeFile, writeAtomically } from '#core/platform/fs/write-files.js'

/** The settings that a restore has replaced, as they are kept. */
export interface KeptSettings {
  readonly path: string
  readonly is_sealed: boolean
  /** Why they are not sealed, though they were to be; null otherwise. */
  readonly fault: string | null
}

/** The settings in a folder of what was replaced, and what was made anew in their place meanwhile. */
const PLAIN = /^\.env(\.[0-9a-f]{12}\.tmp)?$/
const SEALED = '.env.age'

/**
 * Seals the settings that restores have replaced to SETTINGS_BACKUP_RECIPIENT, also those that an interrupted one has left.
 * Without it they stay as they are, for their owner alone. Returns what is kept in this folder; undefined where nothing is.
 */
export async function sealKept({ paths, config }: Home, folder?: string): Promise<KeptSettings | undefined> {
  const recipient = config.environment.SETTINGS_BACKUP_RECIPIENT?.trim()
  let kept: KeptSettings | undefined
  for (const name of listFolder(paths.undo)) {
    const place = join(paths.undo, name)
    for (const file of listFolder(place).filter((one) => PLAIN.test(one))) {
      const found = await sealFile(join(place, file), recipient)
      if (place === folder && file === '.env') kept = found
    }
  }
  return kept
}

async function sealFile(path: string, recipient: string | undefined): Promise<KeptSettings | undefined> {
  const bytes = kindAt(path) === 'file' ? readBytes(path) : undefined
  if (bytes === undefined) return undefined
  try {
    if (recipient) {
      writeAtomically(`${path}.age`, await seal(bytes, recipient), OWNER_ONLY)
      removeFile(path)
      return { path: `${path}.age`, is_sealed: true, fault: null }
    }
    changeMode(path, OWNER_ONLY)
    return { path, is_sealed: false, fault: null }
  } catch (error) {
    changeMode(path, OWNER_ONLY)
    return { path, is_sealed: false, fault: messageOf(error) }
  }
}

/** Returns the settings that were sealed in a folder of what was replaced; undefined where there are none. */
export function sealedIn(folder: string): string | undefined {
  const path = join(folder, SEALED)
  return kindAt(path) === 'file' ? path : undefined
}
