import type { Config } from '#core/config/load.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { readInstalled } from '#core/home/installed-services.js'
import { FaultLatch } from '#core/platform/fault-latch.js'
import { exists } from '#core/platform/fs/files.js'
import type { WatchEnd } from '#core/watchdog/loop.js'
import { readFacts, standingOf } from './standing.js'

export interface ChangesOptions {
  /** Reads the settings as they are now. */
  readonly read: () => Config
  /** Called once with the faults that the settings have by now, until they have none or others. */
  readonly onFaults: (faults: string) => void
}

/**
 * Returns what tells how the watch of a home, which began with these settings, is to end: the home is to be watched
 * otherwise by now, or not at all. It returns undefined where the watch goes on; settings that are missing or have
 * faults change nothing.
 */
export function changesSince(paths: HomePaths, begun: Config, options: ChangesOptions): () => WatchEnd | undefined {
  const before = settingsText(begun)
  const { bot } = readInstalled(paths)
  const faults = new FaultLatch((text) => text !== undefined && options.onFaults(text))
  return () => {
    if (!exists(paths.env)) return undefined // an editor may be putting another one in its place
    const now = options.read()
    faults.set(now.faults.length > 0 ? now.faults.join('; ') : undefined)
    const installed = readInstalled(paths)
    if (installed.watchdog !== undefined) return 'followed'
    if (installed.bot?.name !== bot?.name) return 'over'
    if (now.faults.length > 0) return undefined
    if (standingOf(readFacts(paths, now)).state !== 'watched') return 'over'
    return settingsText(now) === before ? undefined : 'followed'
  }
}

function settingsText({ environment }: Config): string {
  return JSON.stringify(environment)
}
