import { join } from 'node:path'
import { readBackupState } from '#core/backup/backup-state.js'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { operationName, versionName } from '#core/deploy/names.js'
import type { Plan } from '#core/deploy/plan.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { treeAt } from '#core/platform/fs/copy-tree.js'
import { makeFolder, OWNER_FOLDER, removeFolder } from '#core/platform/fs/write-files.js'
import { isSqlite } from '#core/platform/sqlite/sqlite-file.js'
import { copyDatabase, demandSqlite } from '#core/snapshots/databases.js'
import { type Snapshot, Snapshots } from '#core/snapshots/snapshots.js'
import { localTime, quoteWord } from '#core/text.js'
import { toolPlace } from './data-of-then.js'

/**
 * Refuses a deployment on a database that is damaged, while the bot goes on: a new version would migrate it. A rollback goes on
 * with it as it is, since it may be what mends the bot. Each database is copied and checked, as the start of the bot does later.
 * @throws CatalystError DATA_DAMAGED
 */
export async function refuseDamaged(home: DeployHome, plan: Plan, signal: AbortSignal): Promise<void> {
  const { paths, clock, asOwner } = home
  const step = plan.steps.find((one) => one.do === 'snapshot')
  if (plan.what !== 'deployment' || step?.do !== 'snapshot') return
  const databases = asOwner(() =>
    step.paths
      .flatMap((path) => treeAt(paths.data, path))
      .filter(({ kind, path }) => kind === 'file' && isSqlite(join(paths.data, path))),
  )
  if (databases.length === 0) return
  const tool = await demandSqlite(clock, toolPlace(home, plan.target))
  const folder = join(paths.snapshots, 'check.tmp')
  for (const { path } of databases) {
    try {
      asOwner(() => {
        removeFolder(folder)
        makeFolder(folder, OWNER_FOLDER)
      })
      // whatever else fails may succeed once the bot has stopped, and fails the start then
      const found = await copyDatabase(tool, join(paths.data, path), join(folder, 'copy'), signal).catch(
        () => undefined,
      )
      if (found !== undefined && 'fault' in found) throw damaged(home, plan, path, found.fault)
    } finally {
      asOwner(() => removeFolder(folder))
    }
  }
}

function damaged(home: Home, plan: Plan, path: string, fault: string): CatalystError {
  return new CatalystError(
    `The database data/${path} is damaged: ${fault}. The ${operationName(plan)} was not begun, and what runs was not touched.`,
    {
      code: 'DATA_DAMAGED',
      exit: EXIT.failed,
      suggestions: [
        ...waysToSound(home, path),
        `Or, where ${versionName(plan.target)} is to mend it: take ${path} out of DEPLOY_SNAPSHOT in .env, then deploy again`,
      ],
    },
  )
}

/** Returns the commands that bring a sound state of a database back. */
function waysToSound(home: Home, path: string): string[] {
  const snapshot = new Snapshots(home)
    .list()
    .find(({ files }) => files.some((file) => file.path === path && file.rows !== undefined))
  const good = home.settings.BACKUP_REPOSITORY && home.asOwner(() => readBackupState(home.paths))?.last_good
  const ways = [
    // a newer one may hold the damaged database
    ...(good
      ? [
          `that of ${localTime(good.at)}: catalyst backup restore ${good.backup} --only ${quoteWord(`data/${path}`)} --start`,
        ]
      : []),
    ...(snapshot === undefined
      ? []
      : [`the data of ${snapshotText(snapshot)}: catalyst deploy restore-data ${snapshot.id}`]),
  ]
  return ways.length === 0
    ? [`See what of it can be read: sqlite3 ${quoteWord(join(home.paths.data, path))} .recover`]
    : ways.map((way, index) => `${index === 0 ? 'Bring back' : 'Or bring back'} ${way}`)
}

function snapshotText({ release, reason }: Snapshot): string {
  return `${release ?? 'the working tree'}, ${reason}`
}

/** Returns what to type after a change of versions that went on with a database that is damaged, by its snapshot. */
export function afterDamaged(home: Home, snapshot: string): string[] {
  const files = new Snapshots(home).read(snapshot)?.files ?? []
  return files
    .filter(({ fault }) => fault !== undefined)
    .flatMap(({ path, fault }) => [
      `The database data/${path} is damaged (${fault}). It stays as it is; a copy is kept, too: catalyst deploy restore-data ${snapshot}`,
      ...waysToSound(home, path),
    ])
}
