import type { Settings } from '#core/config/schema.js'

const DAY_MS = 24 * 60 * 60 * 1000
const MB = 1024 * 1024

/** The retention limits of a log's rotated files. */
export interface Retention {
  readonly days: number
  /** The limit for all of them together: a flood of lines would fill the disk within the days. */
  readonly maxBytes: number
}

/** A file that was rotated away. */
export interface RotatedFile {
  readonly path: string
  /** The time of the rotation, in ms since 1970. */
  readonly rotatedMs: number
  readonly bytes: number
}

/** Returns the retention limits in the settings. Every log has its own share, so that none pushes out another. */
export function retentionOf({ LOG_ROTATION_DAYS, LOG_MAX_MB }: Settings): Retention {
  return { days: LOG_ROTATION_DAYS, maxBytes: LOG_MAX_MB * MB }
}

/**
 * Returns the files beyond the retention limits: those that are too old, and of the rest the oldest beyond the size.
 */
export function beyondRetention(
  files: readonly RotatedFile[],
  { days, maxBytes }: Retention,
  nowMs: number,
): RotatedFile[] {
  const newestFirst = [...files].sort((a, b) => b.rotatedMs - a.rotatedMs)
  let kept = 0
  return newestFirst.filter(({ rotatedMs, bytes }) => {
    if (nowMs - rotatedMs > days * DAY_MS) return true
    kept += bytes
    return kept > maxBytes
  })
}
