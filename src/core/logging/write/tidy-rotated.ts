import { join } from 'node:path'
import { rotatedTime } from '#core/logging/rotated-name.js'
import { compressFile } from '#core/platform/fs/compress.js'
import { isFolder, listFolder, sizeOf } from '#core/platform/fs/files.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { beyondRetention, type Retention, type RotatedFile } from './retention.js'

/** The mode of log files: readable by the owner and the group. Logs are redacted, but still nobody else's business. */
export const LOG_MODE = 0o640
/** The size that makes a log rotate, in bytes. */
export const ROTATE_BYTES = 10 * 1024 * 1024
/** The delay before a file that failed is tried again. */
export const RETRY_MS = 1000
/** The interval of tidying rotated files. */
export const TIDY_MS = 60 * 60 * 1000

export interface Rotated {
  readonly folder: string
  /** The log's own name. */
  readonly name: string
  readonly retention: Retention
}

/**
 * Removes rotated files beyond the retention limits, and what a killed process left half compressed; then compresses
 * those that are still plain. Removal comes first: on a full disk it makes space for the rest.
 */
export async function tidyRotated({ folder, name, retention }: Rotated, now: number): Promise<void> {
  if (!isFolder(folder)) return
  const rotated: RotatedFile[] = []
  for (const file of listFolder(folder)) {
    const path = join(folder, file)
    const rotatedMs = rotatedTime(name, file)
    if (rotatedMs !== undefined) rotated.push({ path, rotatedMs, bytes: sizeOf(path) })
    else if (file.startsWith('.') && rotatedTime(name, file.slice(1)) !== undefined) removeFile(path)
  }
  const gone = new Set(beyondRetention(rotated, retention, now))
  for (const { path } of gone) removeFile(path)
  for (const file of rotated) if (!gone.has(file) && !file.path.endsWith('.gz')) await compressFile(file.path, LOG_MODE)
}
