import { CatalystError, messageOf } from '#core/errors.js'
import type { Home } from '#core/home/home.js'
import { finishRestoring, readRestoring } from '#core/home/restoring.js'
import { removeFolder } from '#core/platform/fs/write-files.js'
import { pollUntil } from '#core/platform/poll.js'
import { inSeconds } from '#core/text.js'
import { lockBackups } from './backup-lock.js'
import { isRetentionDue, readBackupState, updateBackupState } from './backup-state.js'
import { findContents, pathsToBackUp, STAGING } from './contents.js'
import { listBackups, newestOf } from './list-backups.js'
import { writeManifest } from './manifest.js'
import { BackupRepository } from './restic/open-repository.js'
import { backupArgs, forgetArgs } from './restic/restic-args.js'
import { backupLineOf, type LeftOut, type Progress, type Summary } from './restic/restic-output.js'
import { sealKept } from './restore/seal-kept.js'
import { seriesOf } from './series.js'
import { type StagedDatabase, stage } from './stage.js'

/** What shows the progress of a backup, and cancels it. */
export interface BackupHooks {
  readonly signal?: AbortSignal
  /** Called with what is done now. */
  readonly say: (text: string) => void
  readonly onProgress?: (progress: Progress) => void
}

/** A backup that was made. */
export interface BackedUp {
  readonly backup: string
  /** `partial`: something could not be read; all else is in it. */
  readonly outcome: 'good' | 'partial'
  readonly repository: string
  readonly files: number
  readonly bytes: number
  readonly added_bytes: number
  readonly seconds: number
  readonly databases: readonly StagedDatabase[]
  readonly left_out: readonly LeftOut[]
  /** The number of old backups that the retention has removed. */
  readonly removed: number
  /** Why the retention has failed; null where it has not. */
  readonly retention_fault: string | null
}

/** The exit code of restic for a backup that lacks files which it could not read. */
const PARTIAL = 3

/**
 * Backs up a home, and once a day removes the backups beyond the retention limits. `creates`: a repository that is missing is made.
 * @throws CatalystError of {@link BackupRepository}, and BACKUP_BUSY
 */
export async function runBackup(home: Home, hooks: BackupHooks, { creates = false } = {}): Promise<BackedUp> {
  const { clock } = home
  using _lock = await lockBackups(home, 'a backup')
  try {
    await settle(home)
    await sealKept(home) // a restore that was interrupted may have left some
    const made = await backUp(home, hooks, creates)
    const [lack] = made.left_out
    updateBackupState(home, clock.now(), {
      newest: made.backup,
      last_run: { at: clock.now(), outcome: made.outcome, why: lack ? `${lack.path}: ${lack.why}` : null },
      ...(made.outcome === 'good' && { last_good: { at: clock.now(), backup: made.backup } }),
    })
    home.journal.note('backup.run', { backup: made.backup, outcome: made.outcome })
    return made
  } catch (error) {
    if (!isSetUpWrong(error))
      updateBackupState(home, clock.now(), {
        last_run: { at: clock.now(), outcome: 'failed', why: home.redact(messageOf(error)) },
      })
    throw error
  } finally {
    removeFolder(home.paths.staging)
  }
}

/** The time in which a bot that is starting on a restore finishes it, or is refused, since the backups are locked. */
const STARTING_MS = 10_000
const POLL_INTERVAL_MS = 100

/** Finishes a restore that was interrupted. A bot that goes on running has the old data, which is whole. */
async function settle(home: Home): Promise<void> {
  const { clock, paths } = home
  const canFinish = async () => (await home.runningBot()) === undefined
  const isOver = async () => readRestoring(paths) === undefined || (await canFinish()) || undefined
  await pollUntil(clock, { intervalMs: POLL_INTERVAL_MS, timeoutMs: STARTING_MS }, isOver)
  const restoring = readRestoring(paths)
  if (restoring !== undefined && (await canFinish())) finishRestoring(paths, restoring)
}

/** Returns whether no backup was even tried: no repository is named. */
function isSetUpWrong(error: unknown): boolean {
  return error instanceof CatalystError && error.code === 'BACKUP_OFF'
}

async function backUp(home: Home, hooks: BackupHooks, creates: boolean): Promise<BackedUp> {
  const { clock, paths, settings } = home
  const { signal, say } = hooks
  const began = clock.monotonic()
  const state = home.asOwner(() => readBackupState(paths))
  const repository = await BackupRepository.open(home, say, { isTried: state?.newest !== undefined })
  if (creates) await repository.create(signal)
  const series = seriesOf(home)
  const parent = state?.newest ?? newestOf(await listBackups(repository, series, signal), series)?.id
  const contents = findContents(paths, settings)
  const staged = await stage(home, contents, hooks)
  say('Backing up')
  let summary: Summary | undefined
  const leftOut: LeftOut[] = [...contents.leftOut, ...staged.leftOut]
  writeManifest(paths, { paths: pathsToBackUp(settings), databases: staged.databases })
  const send = (from: string | undefined) =>
    repository.run('backup', backupArgs(series, from), {
      input: [...contents.plain, STAGING].map((path) => `${path}\0`).join(''),
      signal,
      fine: [PARTIAL],
      onLine(line) {
        const told = backupLineOf(line)
        if (told === undefined) return
        if ('progress' in told) hooks.onProgress?.(told.progress)
        else if ('summary' in told) summary = told.summary
        else leftOut.push({ path: relativeTo(paths.home, told.leftOut.path), why: told.leftOut.why })
      },
    })
  const { exit } = await send(parent).catch(async (error) => {
    if (!isParentGone(error)) throw error
    return send(newestOf(await listBackups(repository, series, signal), series)?.id)
  })
  if (summary === undefined) throw new Error('restic told nothing of the backup that it has made')
  const isGood = exit === 0 && leftOut.length === 0
  return {
    backup: summary.id,
    outcome: isGood ? 'good' : 'partial',
    repository: repository.address,
    files: summary.files,
    bytes: summary.bytes,
    added_bytes: summary.addedBytes,
    databases: staged.databases,
    left_out: leftOut,
    ...(isRetentionDue(state, clock.now()) ? await keepWithin(home, repository, hooks) : NOTHING_REMOVED),
    seconds: inSeconds(clock.monotonic() - began),
  }
}

const NOTHING_REMOVED = { removed: 0, retention_fault: null }

/** Returns whether a backup failed because the one before it is no longer there: somebody has removed it. */
function isParentGone(error: unknown): boolean {
  return error instanceof CatalystError && /parent|no matching ID|invalid id/i.test(error.message)
}

/** Removes the backups beyond the retention limits. That it fails takes nothing from the backup that was made. */
async function keepWithin(
  home: Home,
  repository: BackupRepository,
  { signal, say }: BackupHooks,
): Promise<Pick<BackedUp, 'removed' | 'retention_fault'>> {
  say('Removing old backups')
  try {
    const { stdout } = await repository.run('retention', forgetArgs(seriesOf(home), home.settings), { signal })
    updateBackupState(home, home.clock.now(), { kept_at: home.clock.now() })
    return { removed: removedIn(stdout), retention_fault: null }
  } catch (error) {
    return { removed: 0, retention_fault: messageOf(error) }
  }
}

/** Returns how many backups `restic forget` has removed, by its JSON, which other words may follow. */
export function removedIn(stdout: string): number {
  const line = stdout.split('\n').find((one) => one.startsWith('[')) ?? '[]'
  const groups: unknown = JSON.parse(line)
  return Array.isArray(groups) ? groups.reduce((sum, { remove }) => sum + (remove?.length ?? 0), 0) : 0
}

function relativeTo(home: string, path: string): string {
  return path.startsWith(home) ? path.slice(home.length + 1).replaceAll('\\', '/') : path
}
