import type { Gaps } from '#core/health/gaps.js'
import { readJson } from '#core/platform/fs/json-file.js'
import { writeAtomically } from '#core/platform/fs/write-files.js'
import { type Learned, NOTHING_LEARNED } from './signs.js'

interface LearnedFile extends Learned {
  /** The release that it was learned of; null in the working tree. */
  readonly release: string | null
}

/** Returns what was learned of a release in earlier runs; nothing where the file is damaged or tells of another one. */
export function readLearned(path: string, release: string | null): Learned {
  try {
    const file = readJson<LearnedFile>(path, isLearnedFile)
    return file?.release === release ? file : NOTHING_LEARNED
  } catch {
    return NOTHING_LEARNED
  }
}

export function writeLearned(path: string, release: string | null, { peers, connected, cpu }: Learned): void {
  const file: LearnedFile = { release, peers, connected, cpu }
  writeAtomically(path, `${JSON.stringify(file)}\n`)
}

function isLearnedFile({ release, peers, connected, cpu }: Partial<Record<keyof LearnedFile, unknown>>): boolean {
  return (
    (release === null || typeof release === 'string') &&
    isGaps(connected) &&
    isGaps(cpu) &&
    typeof peers === 'object' &&
    peers !== null &&
    Object.values(peers).every(isGaps)
  )
}

function isGaps(value: unknown): value is Gaps {
  if (typeof value !== 'object' || value === null) return false
  const { observedMs, longestMs, longestBeforeMs } = value as Partial<Record<keyof Gaps, unknown>>
  return isSpan(observedMs) && isSpan(longestMs) && (longestBeforeMs === undefined || isSpan(longestBeforeMs))
}

function isSpan(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}
