import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import type { HomePaths } from './home-paths.js'
import { migrateDesiredState } from './migrate-names.js'

/**
 * The content of `.catalyst/state/desired-state.json`: the bot's desired state, while that may differ from its current
 * one.
 */
export interface DesiredState {
  /**
   * `stopped`: it was stopped on purpose, and is left alone until somebody starts it. `running`: a watchdog that
   * supervises it starts it at once.
   */
  readonly desired: 'stopped' | 'running'
  readonly by: string
  /** The time of the request, ISO 8601. */
  readonly at: string
}

/** Returns the desired state if the bot was stopped on purpose. */
export function readDesiredStop(paths: HomePaths): DesiredState | undefined {
  return read(paths, 'stopped')
}

/** Returns the desired state if the bot is to be started at once, until it has been. */
export function readDesiredStart(paths: HomePaths): DesiredState | undefined {
  return read(paths, 'running')
}

export function writeDesiredStop(paths: HomePaths, by: string, now: number): void {
  write(paths, { desired: 'stopped', by, at: new Date(now).toISOString() })
}

export function writeDesiredStart(paths: HomePaths, by: string, now: number): void {
  write(paths, { desired: 'running', by, at: new Date(now).toISOString() })
}

/** Clears the desired state: the bot is to run, and does. */
export function clearDesiredState(paths: HomePaths): void {
  removeFile(paths.desiredState)
  removeFile(paths.wanted)
}

/**
 * Clears the desired state for the bot that is this process. A desired state from between its begin and now is meant for
 * it, and stays. Any other is older, even if the clock was set meanwhile, as at a boot.
 */
export function clearOlderDesiredState(paths: HomePaths): void {
  const desired = readDesiredStop(paths) ?? readDesiredStart(paths)
  if (desired !== undefined) {
    const { timeOrigin: began } = performance
    const at = Date.parse(desired.at)
    if (at > began && at <= began + performance.now()) return
  }
  clearDesiredState(paths)
}

function read(paths: HomePaths, what: DesiredState['desired']): DesiredState | undefined {
  const isWhole = ({ desired, by, at }: Record<string, unknown>) =>
    (desired === 'stopped' || desired === 'running') && typeof by === 'string' && typeof at === 'string'
  const [now, former] = [paths.desiredState, paths.wanted].map((path) =>
    readJson<DesiredState>(path, isWhole, migrateDesiredState),
  )
  const state = now ?? former
  return state?.desired === what ? state : undefined
}

function write(paths: HomePaths, state: DesiredState): void {
  writeJson(paths.desiredState, state)
  removeFile(paths.wanted)
}
