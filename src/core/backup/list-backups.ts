import { CatalystError, EXIT } from '#core/errors.js'
import type { BackupRepository } from './restic/open-repository.js'
import { type Series, seriesIn, TAG } from './restic/restic-args.js'
import { arrayIn } from './restic/restic-output.js'

/** A backup of a home. */
export interface HomeBackup {
  /** Its id, short. */
  readonly id: string
  /** RFC 3339. */
  readonly time: string
  readonly bot: string
  readonly host: string
  /** True if it is of this home, as it is called and where it is now. */
  readonly is_own: boolean
}

/** Lists the backups in the repository that Catalyst has made, newest first. */
export async function listBackups(
  repository: BackupRepository,
  series: Series,
  signal?: AbortSignal,
): Promise<HomeBackup[]> {
  const { stdout } = await repository.run('list of backups', ['snapshots', '--json', '--tag', TAG], { signal })
  return backupsIn(stdout, series)
}

/** Returns the backups in what `restic snapshots` has written. */
export function backupsIn(text: string, series: Series): HomeBackup[] {
  return arrayIn(text)
    .flatMap(({ id, time, hostname, tags }) => {
      const found = Array.isArray(tags) ? seriesIn(tags.map(String)) : undefined
      if (typeof id !== 'string' || typeof time !== 'string' || found === undefined) return []
      const at = new Date(time)
      if (Number.isNaN(at.getTime())) return []
      const is_own = found.home === series.home
      return [{ id: id.slice(0, 8), time: at.toISOString(), bot: found.bot, host: String(hostname ?? ''), is_own }]
    })
    .sort((a, b) => b.time.localeCompare(a.time))
}

/**
 * Returns the newest backup of this home; of one that was moved, or lost with its machine, the newest of the same bot.
 */
export function newestOf(backups: readonly HomeBackup[], { bot }: Series): HomeBackup | undefined {
  return backups.find(({ is_own }) => is_own) ?? backups.find((one) => one.bot === bot)
}

/**
 * Finds a backup by its id or the beginning of it; `latest` or nothing is the newest of this home.
 * @throws CatalystError BACKUP_UNKNOWN
 */
export function findBackup(backups: readonly HomeBackup[], asked: string | undefined, series: Series): HomeBackup {
  if (asked === undefined || asked === 'latest') {
    const newest = newestOf(backups, series)
    if (newest !== undefined) return newest
    const others = [...new Set(backups.map(({ bot }) => bot))]
    throw unknown(
      backups.length === 0
        ? 'There is no backup yet.'
        : `There is no backup of ${series.bot}, but of ${others.join(', ')}. Name one by its id.`,
    )
  }
  const [only, ...more] = backups.filter(
    ({ id }) => asked.length >= 4 && (id.startsWith(asked) || asked.startsWith(id)),
  )
  if (only === undefined) throw unknown(`There is no backup ${JSON.stringify(asked)}.`)
  if (more.length > 0) throw unknown(`More than one backup begins with ${asked}.`)
  return only
}

function unknown(message: string): CatalystError {
  return new CatalystError(message, {
    code: 'BACKUP_UNKNOWN',
    exit: EXIT.failed,
    suggestions: ['See those there are: catalyst backup list', 'Make one: catalyst backup run'],
  })
}
