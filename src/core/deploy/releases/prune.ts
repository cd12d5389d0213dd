import { join } from 'node:path'
import { Backups } from '#core/deploy/settings/backups.js'
import { backupsInUse } from '#core/deploy/settings/backups-in-use.js'
import { snapshotsInUse } from '#core/deploy/snapshots/data-of-then.js'
import type { Home } from '#core/home/home.js'
import { changedAt, listFolder } from '#core/platform/fs/files.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { Snapshots, snapshotsBeyond } from '#core/snapshots/snapshots.js'
import { goodOnes, lastGoodOf, type Ratings, ratingOf } from './ratings.js'
import { readRatings } from './ratings-file.js'
import { type Release, Releases } from './releases.js'

/**
 * Returns the releases beyond the retention limit: those that are not needed, bad and unverified ones before good ones,
 * and of these the oldest first. Needed are the active one, the two newest good ones, the one that a rollback leads to,
 * and those that are named, such as the one that a bot still runs in. Of two releases of one commit the newer one counts,
 * and the older one goes before any other: it was rebuilt.
 */
export function beyondLimit(
  releases: readonly Release[],
  facts: { keep: number; active: string | undefined; ratings: Ratings; named: readonly (string | undefined)[] },
): Release[] {
  const { keep, active, ratings, named } = facts
  const onDisk = new Set(releases.map(({ commit }) => commit))
  const isGood = ({ commit }: Pick<Release, 'commit'>) => ratingOf(ratings, commit)?.rating === 'good'
  const leftOnes = ratings.filter(({ rating, left }) => rating === 'good' && left !== null).reverse()
  const newestGood = [...goodOnes(ratings), ...leftOnes].filter(({ commit }) => onDisk.has(commit)).slice(0, 2)
  const from = releases.find(({ name }) => name === active)?.commit
  const needed = [...newestGood, lastGoodOf(ratings, from, releases)].map((one) => one?.commit)
  const isRebuilt = ({ name, commit }: Release) => releases.find((one) => one.commit === commit)?.name !== name
  const isNeeded = (one: Release) =>
    one.name === active || named.includes(one.name) || (needed.includes(one.commit) && !isRebuilt(one))
  const others = releases.filter((release) => !isNeeded(release))
  const worthOf = (one: Release) => (isRebuilt(one) ? 2 : isGood(one) ? 0 : 1)
  const byWorth = [0, 1, 2].flatMap((worth) => others.filter((one) => worthOf(one) === worth))
  return byWorth.slice(Math.max(0, keep - (releases.length - others.length)))
}

/** The output of `deploy prune --json`. */
export interface Pruned {
  readonly releases: readonly string[]
  /** Releases that stay, since a bot has put data of its own in the place of a shared path. */
  readonly spared: readonly string[]
  /** Folders that interrupted deployments have left. */
  readonly unfinished: readonly string[]
  readonly backups: number
  /** Snapshots of the data. */
  readonly snapshots: readonly string[]
  /** The number of logs of builds, also of those that failed. */
  readonly logs: number
}

/**
 * Removes what is beyond the retention limit, and returns it; a dry run removes nothing. The caller holds the deployment
 * lock. A release that has failed just now stays to be looked at.
 */
export function prune(home: Home, { isDry = false, failed }: { isDry?: boolean; failed?: string } = {}): Pruned {
  const { paths, settings, asOwner } = home
  const store = new Releases(home)
  const backups = new Backups(home)
  const active = home.activePointer()
  const running = home.lastBot()?.release // a bot without a supervisor may still run in an older one
  const old = beyondLimit(store.list(), {
    keep: settings.DEPLOY_KEEP_RELEASES,
    active: active?.name,
    ratings: readRatings(home),
    named: [running ?? undefined, failed],
  })
  const spared = old.filter((one) => store.hasDataOfItsOwn(one))
  const gone = old.filter((one) => !spared.includes(one))
  const unfinished = store.unfinished().filter((name) => name !== active?.name)
  const oldBackups = backups.beyond(settings.BACKUP_KEEP, backupsInUse(home, gone))
  const snapshots = new Snapshots(home)
  const oldSnapshots = snapshotsBeyond(snapshots.list(), {
    onDisk: store
      .list()
      .map(({ name }) => name)
      .filter((name) => !gone.some((one) => one.name === name)),
    named: snapshotsInUse(home),
  })
  const oldLogs = asOwner(() => logsBeyondLimit(paths.releases))
  if (!isDry) {
    const shared = settings.DEPLOY_SHARED_PATHS
    for (const { name, subfolder } of gone) store.remove(name, { subfolder, shared })
    for (const name of unfinished) store.remove(name, { subfolder: active?.subfolder ?? '', shared })
    for (const name of oldLogs) asOwner(() => removeFile(join(paths.releases, name)))
    for (const backup of oldBackups) backups.remove(backup)
    for (const { id } of oldSnapshots) snapshots.remove(id)
  }
  return {
    releases: gone.map(({ name }) => name),
    spared: spared.map(({ name }) => name),
    unfinished,
    backups: oldBackups.length,
    snapshots: oldSnapshots.map(({ id }) => id),
    logs: oldLogs.length,
  }
}

const MAX_LOGS = 10

/** Returns all logs but the newest. */
function logsBeyondLimit(folder: string): string[] {
  const logs = listFolder(folder).filter((name) => name.endsWith('.log'))
  const byAge = logs.sort((one, other) => (changedAt(join(folder, other)) ?? 0) - (changedAt(join(folder, one)) ?? 0))
  return byAge.slice(MAX_LOGS)
}
