import { join } from 'node:path'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { versionName } from '#core/deploy/names.js'
import type { Plan, Target } from '#core/deploy/plan.js'
import { type Release, Releases } from '#core/deploy/releases/releases.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { treeAt } from '#core/platform/fs/copy-tree.js'
import type { SqlitePlace } from '#core/platform/sqlite/sqlite.js'
import { isSqlite } from '#core/platform/sqlite/sqlite-file.js'
import { readOrders } from '#core/snapshots/data-orders.js'
import { demandSqlite } from '#core/snapshots/databases.js'
import { refuseIncomplete } from '#core/snapshots/put-back.js'
import { type DataSince, dataSince } from '#core/snapshots/since-snapshot.js'
import { refuseUnfit } from '#core/snapshots/snapshot-paths.js'
import { CONTENT, type Snapshot, Snapshots } from '#core/snapshots/snapshots.js'

/**
 * Returns the paths below `data/` that belong to a version, once it is known that they can be copied.
 * @throws CatalystError SETTINGS_INVALID, SNAPSHOT_FAILED where nothing here can copy a database
 */
export async function snapshotPaths(home: DeployHome, release: Release | undefined): Promise<readonly string[]> {
  const { paths, settings, asOwner, clock } = home
  const names = settings.DEPLOY_SNAPSHOT
  const hasDatabase = asOwner(() => {
    refuseUnfit(paths.data, names)
    return names
      .flatMap((name) => treeAt(paths.data, name))
      .some(({ kind, path }) => kind === 'file' && isSqlite(join(paths.data, path)))
  })
  if (hasDatabase) await demandSqlite(clock, toolPlace(home, release))
  return names
}

/** Returns where a program for databases may be, and as whom it runs. */
export function toolPlace(home: Home, release?: Pick<Release, 'name' | 'subfolder'>): SqlitePlace {
  const own = release === undefined ? [] : [new Releases(home).workFolderOf(release)]
  return { as: home.owner, folders: [...own, home.paths.home] }
}

/** Returns the snapshots of the data that a version has worked with, newest first. */
export function snapshotsOf(home: Home, { commit }: Pick<Target, 'commit'>): Snapshot[] {
  return new Snapshots(home).list().filter((one) => one.commit === commit && one.kind !== 'undo')
}

/**
 * Returns the newest snapshot of a version's data, once it is known to be whole.
 * @throws CatalystError SNAPSHOT_UNKNOWN, SNAPSHOT_FAILED
 */
export function dataOfThen(home: Home, target: Pick<Target, 'commit' | 'tag'>): Snapshot {
  const [newest] = snapshotsOf(home, target)
  if (newest === undefined) {
    throw new CatalystError(`There is no snapshot of the data of ${versionName(target)}.`, {
      code: 'SNAPSHOT_UNKNOWN',
      exit: EXIT.failed,
      suggestions: [
        'See those there are: catalyst deploy snapshots',
        'Or roll back with the data of today: leave --with-data out',
      ],
    })
  }
  home.asOwner(() => refuseIncomplete(join(new Snapshots(home).folderOf(newest.id), CONTENT), newest))
  return newest
}

/** Returns what a plan that brings data back would lose, but for what is kept; undefined where it brings none back. */
export async function lostBy(home: Home, { steps }: Pick<Plan, 'steps'>): Promise<DataSince | undefined> {
  const step = steps.find((one) => one.do === 'data')
  const snapshot = step?.do === 'data' && step.snapshot !== null ? new Snapshots(home).read(step.snapshot) : undefined
  return snapshot && lostByRestore(home, snapshot)
}

/** Returns what has changed since a snapshot. */
export function lostByRestore(home: Home, snapshot: Snapshot): Promise<DataSince> {
  return dataSince(home.clock, home.paths.data, snapshot, toolPlace(home))
}

/** Returns the snapshots that orders still need or make. */
export function snapshotsInUse(home: Home): string[] {
  return home
    .asOwner(() => readOrders(home.paths))
    .flatMap((order) => [order.id, ...(order.do === 'restore' ? [order.snapshot] : [])])
}
