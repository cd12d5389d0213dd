import { join } from 'node:path'
import { FileTail } from '#core/system/file-tail.js'
import { listFolder } from '#core/system/files.js'
import { rotatedTime } from './rotated-name.js'

/** The logs that hold everything once; errors.log and health.log repeat parts of the first. */
const WRITERS = ['bot.jsonl', 'watchdog.log'] as const

/** A file of a log that was rotated away. */
interface RotatedPart {
  /** Its name before it was compressed. */
  readonly name: string
  readonly path: string
  readonly untilMs: number
}

/** One log at one moment: what follows neither has a line twice nor misses one, though it goes on being rotated. */
export interface OpenLog {
  readonly folder: string
  readonly name: string
  /** Oldest first. */
  readonly rotated: readonly RotatedPart[]
  /** The file that was being written then. */
  readonly current: FileTail
}

export function openLogs(folder: string): OpenLog[] {
  return WRITERS.map((name) => openLog(folder, name))
}

export function closeLogs(logs: readonly OpenLog[]): void {
  for (const { current } of logs) current.close()
}

/** Looks again when the log was rotated between the look at the file and the one at the folder. */
export function openLog(folder: string, name: string): OpenLog {
  for (;;) {
    const current = new FileTail(join(folder, name))
    const rotated = rotatedParts(folder, name)
    if (!current.wasReplaced()) return { folder, name, rotated, current }
    current.close()
  }
}

/** While a file is being compressed there may be both for a moment: the compressed one is whole then, and counts. */
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
