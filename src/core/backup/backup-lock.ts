import { CatalystError, EXIT } from '#core/errors.js'
import { holdLock } from '#core/home/hold-lock.js'
import type { Home } from '#core/home/home.js'
import type { Holder } from '#core/home/lock.js'
import { readRestoring } from '#core/home/restoring.js'
import { removeFolder } from '#core/platform/fs/write-files.js'
import { endProcesses } from '#core/platform/process/end-processes.js'
import { pidsWithEnvironment } from '#core/platform/process/signals.js'
import { localTime } from '#core/text.js'
import { RESTIC_VARIABLE } from './restic/run-restic.js'

interface BackupHolder extends Holder {
  /** Such as `a backup`. */
  readonly what: string
  /** ISO 8601. */
  readonly since: string
}

/** The time that a restic whose catalyst was killed may take to exit. */
const LEFT_MS = 10_000

/**
 * Locks the backups of a home to the end of the caller's scope, ends what one that was killed has left running, and removes
 * what it has left on the disk.
 * @throws CatalystError BACKUP_BUSY
 */
export async function lockBackups({ clock, paths, owner }: Home, what: string): Promise<Disposable> {
  const details = { what, since: new Date(clock.now()).toISOString() }
  const lock = await holdLock<BackupHolder>(clock, { path: paths.backupLock, owner, details, busy })
  await endProcesses(clock, async () => pidsWithEnvironment(RESTIC_VARIABLE, paths.home), LEFT_MS)
  removeFolder(paths.staging)
  if (readRestoring(paths) === undefined) removeFolder(paths.restore)
  return lock
}

function busy({ pid, what, since }: BackupHolder): CatalystError {
  return new CatalystError(`The backups of this home are in use: ${what}, by pid ${pid} since ${localTime(since)}.`, {
    code: 'BACKUP_BUSY',
    exit: EXIT.busy,
    suggestions: ['Wait until that is done, then do it again.'],
  })
}
