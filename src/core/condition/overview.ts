import type { Config } from '#core/config/load.js'
import { Home } from '#core/home/home.js'
import { homePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { actingAs, ownerOf } from '#core/platform/process/users.js'
import { findHomes } from './find-homes.js'
import { type Overview, overviewOf } from './glance.js'

/**
 * Finds all homes that this user may see, and returns a few figures of each. `read` reads the settings of a home; this
 * terminal's environment is none of theirs.
 */
export function readOverview(
  clock: Clock,
  read: (home: string, environment: Record<string, never>) => Config,
): Promise<Overview> {
  return overviewOf(clock, openHomes(clock, read))
}

/** Opens all homes that this user may see; `read` as in {@link readOverview}. */
export function openHomes(clock: Clock, read: (home: string, environment: Record<string, never>) => Config): Home[] {
  return findHomes().map((folder) => {
    const owner = ownerOf(folder)
    return new Home({ clock, paths: homePaths(folder), owner, config: actingAs(owner, () => read(folder, {})) })
  })
}
