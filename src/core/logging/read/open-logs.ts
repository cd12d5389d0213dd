import { join } from 'node:path'
import { rotatedTime } from '#core/logging/rotated-name.js'
import { FileTail } from '#core/platform/fs/file-tail.js'
import { listFolder } from '#core/platform/fs/files.js'

/** The logs that together hold each line once; errors.log and health.log repeat parts of the first. */
const WRITERS = ['bot.jsonl', 'watchdog.log'] as const

/** A file of a log that was rotated away. */
interface RotatedPart {
  /** Its name before it was compressed. */
  readonly name: string
  readonly path: string
  readonly untilMs: number
}

/** A folder with the logs of a bot. */
export interface LogFolder {
  readonly folder: string
  /** The bot that they are of, where those of several are read together. */
  readonly bot?: LogSource | undefined
}

/** A bot among several. */
export interface LogSource {
  /** The name by which a person tells it from the others. */
  readonly label: string
  readonly home: string
}

/** One log as it was at one moment: following it neither repeats nor misses a line while rotation goes on. */
export interface OpenLog {
  readonly folder: string
  readonly name: string
  /** The bot whose log it is, where those of several are read together. */
  readonly bot?: LogFolder['bot']
  /** The rotated files, oldest first. */
  readonly rotated: readonly RotatedPart[]
  /** The file that was being written at that moment. */
  readonly current: FileTail
}

export function openLogs(folder: string, bot?: LogSource): OpenLog[] {
  return WRITERS.map((name) => openLog(folder, name, bot))
}

export function closeLogs(logs: readonly OpenLog[]): void {
  for (const { current } of logs) current.close()
}

/** Opens a log, and retries when it was rotated between opening the file and listing the folder. */
export function openLog(folder: string, name: string, bot?: LogSource): OpenLog {
  for (;;) {
    const current = new FileTail(join(folder, name))
    const rotated = rotatedParts(folder, name)
    if (!current.wasReplaced()) return { folder, name, rotated, current, ...(bot && { bot }) }
    current.close()
  }
}

/**
 * Returns the rotated files. While one is being compressed both may exist for a moment: the compressed one is complete
 * then, and counts.
 */
function rotatedParts(folder: string, name: string): RotatedPart[] {
  const files = new Set(listFolder(folder))
  const parts: RotatedPart[] = []
  for (const file of files) {
    const untilMs = rotatedTime(name, file)
    if (untilMs !== undefined && !files.has(`${file}.gz`))
      parts.push({ name: file.replace(/\.gz$/, ''), path: join(folder, file), untilMs })
  }
  return parts.sort((a, b) => a.untilMs - b.untilMs)
}
