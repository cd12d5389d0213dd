import { join } from 'node:path'
import { compressFile } from '#core/system/compress.js'
import { isFolder, listFolder, removeFile } from '#core/system/files.js'
import { isExpired, rotatedTime } from './rotated-name.js'

/** Readable by the owner and the group: logs are redacted, but still nobody else's business. */
export const LOG_MODE = 0o640
/** Size that makes a log rotate, in bytes. */
export const ROTATE_BYTES = 10 * 1024 * 1024
/** How often rotated files are looked after. */
export const TIDY_MS = 60 * 60 * 1000

export interface Rotated {
  readonly folder: string
  /** The log's own name. */
  readonly name: string
  /** How long rotated files stay. */
  readonly days: number
}

/**
 * Removes rotated files that are older than their days, and what a killed process left half compressed; then
 * compresses those that are still plain. Removal comes first: on a full disk it makes room for the rest.
 */
export async function tidyRotated({ folder, name, days }: Rotated, now: number): Promise<void> {
  if (!isFolder(folder)) return
  const plain: string[] = []
  for (const file of listFolder(folder)) {
    const path = join(folder, file)
    const time = rotatedTime(name, file)
    const unfinished = file.startsWith('.') && rotatedTime(name, file.slice(1)) !== undefined
    if (unfinished || (time !== undefined && isExpired(time, days, now))) removeFile(path)
    else if (time !== undefined && !file.endsWith('.gz')) plain.push(path)
  }
  for (const path of plain) await compressFile(path, LOG_MODE)
}
