import { removeFile, writeAtomically } from '#core/system/files.js'
import type { HomePaths } from './home-paths.js'
import { readJson } from './json-file.js'

/** `.catalyst/state/wanted.json`: the bot was stopped on purpose, and is to be left alone until somebody starts it. */
export interface Wanted {
  readonly wanted: 'stopped'
  readonly by: string
  /** ISO 8601. */
  readonly at: string
}

export function readWanted(paths: HomePaths): Wanted | undefined {
  return readJson<Wanted>(
    paths.wanted,
    ({ wanted, by, at }) => wanted === 'stopped' && typeof by === 'string' && typeof at === 'string',
  )
}

export function wantStopped(paths: HomePaths, by: string, now: number): void {
  const wanted: Wanted = { wanted: 'stopped', by, at: new Date(now).toISOString() }
  writeAtomically(paths.wanted, `${JSON.stringify(wanted, null, 2)}\n`)
}

/** Forgets it: the bot is to run. */
export function wantRunning(paths: HomePaths): void {
  removeFile(paths.wanted)
}
