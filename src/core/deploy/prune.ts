import { join } from 'node:path'
import { readPointer } from '#core/state/active-release.js'
import { readBotFile } from '#core/state/bot-file.js'
import { changedAt, listFolder, removeFile } from '#core/system/files.js'
import { Backups } from './backups.js'
import type { DeployHome } from './deploy-home.js'
import { backupsInUse } from './deployment-file.js'
import { type Release, Releases } from './releases.js'
import { goodCommits, readVerdicts } from './verdicts.js'

/** Which releases are one too many: all but the newest ones, the active one, and the last two that were good. */
export function tooMany(
  releases: readonly Release[],
  facts: { keep: number; active: string | undefined; good: readonly string[] },
): Release[] {
  const { keep, active, good } = facts
  const onDisk = new Set(releases.map(({ commit }) => commit))
  const lastGood = good.filter((commit) => onDisk.has(commit))
  // the active one is mostly the last good one: then the way back is the one before
  const isNeeded = ({ name, commit }: Release) => name === active || lastGood.slice(0, 2).includes(commit)
  return releases.slice(keep).filter((release) => !isNeeded(release))
}

export interface Pruned {
  readonly releases: readonly string[]
  /** Left where they are: a bot has put data of its own in the place of what the home shares. */
  readonly spared: readonly string[]
  /** Left by deployments that were cut off. */
  readonly unfinished: readonly string[]
  readonly backups: number
}

/** Removes what is one too many, as the owner of the home. Nobody else may deploy meanwhile. */
export function prune({ paths, settings }: Pick<DeployHome, 'paths' | 'settings'>, isDry = false): Pruned {
  const store = new Releases(paths)
  const active = readPointer(paths)
  const running = readBotFile(paths.bot)?.release // a bot that nobody keeps may still run in an older one
  const old = tooMany(store.list(), {
    keep: settings.DEPLOY_KEEP_RELEASES,
    active: active?.name,
    good: goodCommits(readVerdicts(paths)),
  }).filter(({ name }) => name !== running)
  const spared = old.filter((one) => store.hasDataOfItsOwn(one))
  const gone = old.filter((one) => !spared.includes(one))
  const unfinished = store.unfinished().filter((name) => name !== active?.name)
  const backups = new Backups(paths.backups)
  const pruned = {
    releases: gone.map(({ name }) => name),
    spared: spared.map(({ name }) => name),
    unfinished,
    backups: backups.list().slice(settings.BACKUP_KEEP).length,
  }
  if (isDry) return pruned
  const shared = settings.DEPLOY_SHARED_PATHS
  for (const { name, subfolder } of gone) store.remove(name, { subfolder, shared })
  for (const name of unfinished) store.remove(name, { subfolder: active?.subfolder ?? '', shared })
  removeOldLogs(paths.releases)
  backups.prune(settings.BACKUP_KEEP, backupsInUse(paths))
  return pruned
}

const LOGS_KEPT = 10

/** Logs of builds, also of those that failed: the newest stay. */
function removeOldLogs(folder: string): void {
  const logs = listFolder(folder).filter((name) => name.endsWith('.log'))
  const byAge = logs.sort((one, other) => (changedAt(join(folder, other)) ?? 0) - (changedAt(join(folder, one)) ?? 0))
  for (const name of byAge.slice(LOGS_KEPT)) removeFile(join(folder, name))
}
