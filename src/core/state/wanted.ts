import { removeFile } from '#core/system/files.js'
import type { HomePaths } from './home-paths.js'
import { readJson, writeJson } from './json-file.js'

/** `.catalyst/state/wanted.json`: what the bot is to do, as long as that isn't simply what it does. */
export interface Wish {
  /**
   * `stopped`: it was stopped on purpose, and is to be left alone until somebody starts it. `running`: a watchdog that
   * keeps it is to start it at once.
   */
  readonly wanted: 'stopped' | 'running'
  readonly by: string
  /** ISO 8601. */
  readonly at: string
}

/** That it was stopped on purpose, if it was. */
export function readStopWish(paths: HomePaths): Wish | undefined {
  return read(paths, 'stopped')
}

/** That it is to be started at once, until it has been. */
export function readStartWish(paths: HomePaths): Wish | undefined {
  return read(paths, 'running')
}

export function wishStop(paths: HomePaths, by: string, now: number): void {
  write(paths, { wanted: 'stopped', by, at: new Date(now).toISOString() })
}

export function wishStart(paths: HomePaths, by: string, now: number): void {
  write(paths, { wanted: 'running', by, at: new Date(now).toISOString() })
}

/** Forgets it: the bot is to run, and does. */
export function forgetWish(paths: HomePaths): void {
  removeFile(paths.wanted)
}

/**
 * The same by a bot that has run for `ranMs` since it `began`, a wall time in ms since 1970: what was wished between that
 * and now is meant for it. Anything else was wished before it, be it that the clock was set meanwhile, as at a boot.
 */
export function forgetWishBefore(paths: HomePaths, began: number, ranMs: number): void {
  const wish = readStopWish(paths) ?? readStartWish(paths)
  const at = wish === undefined ? Number.NaN : Date.parse(wish.at)
  if (!(at > began && at <= began + ranMs)) forgetWish(paths)
}

function read(paths: HomePaths, what: Wish['wanted']): Wish | undefined {
  return readJson<Wish>(
    paths.wanted,
    ({ wanted, by, at }) => wanted === what && typeof by === 'string' && typeof at === 'string',
  )
}

function write(paths: HomePaths, wanted: Wish): void {
  writeJson(paths.wanted, wanted)
}
