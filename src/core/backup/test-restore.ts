import { join } from 'node:path'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { removeFolder } from '#core/platform/fs/write-files.js'
import { inSeconds } from '#core/text.js'
import { lockBackups } from './backup-lock.js'
import { isTestDue, readBackupState, updateBackupState } from './backup-state.js'
import { findBackup, listBackups } from './list-backups.js'
import { BackupRepository } from './restic/open-repository.js'
import { LOST_PACK } from './restic/restic-output.js'
import { fetchBackup, openBackup } from './restore/fetch-backup.js'
import type { BackupHooks } from './run-backup.js'
import { seriesOf } from './series.js'

/** A restore test that has passed. */
export interface RestoreTest {
  readonly backup: string
  /** The time of the backup, RFC 3339. */
  readonly time: string
  readonly files: number
  readonly bytes: number
  /** The databases that SQLite's integrity check has passed. */
  readonly databases: number
  readonly seconds: number
}

/**
 * Checks the repository, and restores the newest backup of the home into a folder of its own, which is removed again. All
 * of it must come back as it was backed up. The result is remembered, also that of a test which fails.
 * @throws CatalystError as a restore does
 */
export async function testRestore(home: Home, { signal, say }: BackupHooks): Promise<RestoreTest> {
  const { clock, paths } = home
  const began = clock.monotonic()
  using _lock = await lockBackups(home, 'a restore test')
  const folder = join(paths.restore, 'test')
  let id: string | null = null
  try {
    const repository = await BackupRepository.open(home, say)
    const series = seriesOf(home)
    const backup = findBackup(await listBackups(repository, series, signal), undefined, series)
    id = backup.id
    say('Checking the repository')
    await repository.run('check', ['check'], { signal, failsAt: LOST_PACK })
    say(`Restoring ${id} into a folder of its own`)
    const opened = await openBackup(repository, id, 'check', signal)
    removeFolder(folder)
    await fetchBackup(repository, opened, folder, { clock, task: 'check', signal })
    const record = { at: clock.now(), backup: id }
    updateBackupState(home, clock.now(), { last_test: { ...record, fault: null }, last_good_test: record })
    const { files, bytes, manifest } = opened
    const seconds = inSeconds(clock.monotonic() - began)
    const databases = manifest.databases.filter(({ fault }) => fault === undefined).length
    return { backup: id, time: backup.time, files, bytes, databases, seconds }
  } catch (error) {
    // one that a person has cancelled, or that somebody else was in the way of, tells nothing
    if (!signal?.aborted && !isBusy(error))
      updateBackupState(home, clock.now(), {
        last_test: { at: clock.now(), backup: id, fault: home.redact(messageOf(error)) },
      })
    throw error
  } finally {
    removeFolder(folder)
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof CatalystError && error.exit === EXIT.busy
}

/** Makes a restore test if one is due by BACKUP_TEST_DAYS. */
export async function testIfDue(home: Home, hooks: BackupHooks): Promise<void> {
  const state = home.asOwner(() => readBackupState(home.paths))
  if (isTestDue(state, home.settings, home.clock.now())) await testRestore(home, hooks)
}
