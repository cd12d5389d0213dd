import { join } from 'node:path'
import type { HomePaths } from '#core/home/home-paths.js'
import { isObject } from '#core/json.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import type { Standing } from './standing.js'

/** How each home stands, in the folder of the shared watchdog: `.catalyst/state/homes.json`. */
export interface SharedFile {
  readonly pid: number
  readonly homes: readonly HomeStanding[]
}

export interface HomeStanding extends Standing {
  readonly home: string
}

const STATES: readonly unknown[] = ['watched', 'left', 'failing', 'gone'] satisfies Standing['state'][]

function pathIn({ state }: HomePaths): string {
  return join(state, 'homes.json')
}

export function writeSharedFile(paths: HomePaths, file: SharedFile): void {
  writeJson(pathIn(paths), file)
}

/** Reads how each home stands; undefined where no shared watchdog has written that. */
export function readSharedFile(paths: HomePaths): SharedFile | undefined {
  const isStanding = (one: unknown) =>
    isObject(one) &&
    typeof one.home === 'string' &&
    STATES.includes(one.state) &&
    (one.why === null || typeof one.why === 'string')
  return readJson<SharedFile>(
    pathIn(paths),
    ({ pid, homes }) => typeof pid === 'number' && Array.isArray(homes) && homes.every(isStanding),
  )
}
