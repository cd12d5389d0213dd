import { table } from '#cli/table.js'
import type { HomeBackup } from '#core/backup/list-backups.js'
import type { Restored, RestorePlan } from '#core/backup/restore/restore-backup.js'
import type { BackedUp } from '#core/backup/run-backup.js'
import type { RestoreTest } from '#core/backup/test-restore.js'
import { countOf, localTime, quoteWord, sizeText } from '#core/text.js'

/** Describes a backup that was made. */
export function backedUpText(made: BackedUp): string {
  const { backup, repository, files, bytes, added_bytes, seconds, databases, left_out, removed, retention_fault } = made
  const lines = [
    `Backed up as ${backup} in ${repository}: ${countOf(files, 'file')}, ${sizeText(bytes)}, of which ${sizeText(added_bytes)} new, in ${seconds} s.`,
    ...(databases.length > 0
      ? [`Databases, each as of one moment and checked: ${databases.map(({ path }) => path).join(', ')}`]
      : []),
    ...slowToCopy(databases).map(
      (path) =>
        `${path} is not in WAL mode: a write of the bot may wait while it is copied. To end that: PRAGMA journal_mode=WAL`,
    ),
    ...(removed > 0 ? [`${countOf(removed, 'old backup')} removed.`] : []),
    ...(left_out.length > 0
      ? ['Not all of it: the backup is partial.', ...left_out.map(({ path, why }) => `  ${path}: ${why}`)]
      : []),
    ...(retention_fault === null ? [] : [`Old backups were not removed: ${retention_fault}`]),
  ]
  return lines.join('\n')
}

/** The size from which on the copy of a database takes longer than a bot should wait: about 50 ms. */
const LARGE_BYTES = 32 * 1024 * 1024

function slowToCopy(databases: BackedUp['databases']): string[] {
  return databases.filter(({ is_wal, bytes }) => !is_wal && bytes >= LARGE_BYTES).map(({ path }) => path)
}

/** Returns a table of backups. */
export function homeBackupLines(backups: readonly HomeBackup[]): string {
  if (backups.length === 0) return 'There is no backup yet. Make one: catalyst backup run'
  return table(
    backups.map(({ id, time, bot, host, is_own }) => [
      id,
      localTime(time),
      bot,
      is_own ? 'this home' : `another home, on ${host}`,
    ]),
  )
}

/** Describes what a restore would replace. */
export function restorePlanText({ backup, come, go, opened, only }: RestorePlan): string {
  const { databases } = opened.manifest
  const damagedIn = (path: string) =>
    databases.some((one) => one.fault !== undefined && (one.path === path || one.path.startsWith(`${path}/`)))
  const where = backup.is_own ? '' : `, of another home (${backup.host})`
  const size = only === undefined ? ` (${countOf(opened.files, 'file')}, ${sizeText(opened.bytes)})` : ''
  return [
    `The backup ${backup.id} of ${localTime(backup.time)}${where}${size}:`,
    ...table([
      ...come.map((path) => ['~', path, damagedIn(path) ? 'comes back as it was: damaged' : 'comes back as it was']),
      ...go.map((path) => ['-', path, 'is removed: it is not in the backup']),
    ]).split('\n'),
  ].join('\n')
}

/** Describes a restore that was done, and how to undo it. */
export function homeRestoredText({
  backup,
  time,
  folder,
  restored,
  replaced,
  pid,
  seconds,
  ...more
}: Restored): string {
  const paths = countOf(restored.length, 'path')
  const what =
    backup === null
      ? `The restore of ${localTime(time)} is undone: ${paths} put back in ${seconds} s`
      : `${paths} restored from the backup ${backup} of ${localTime(time)} in ${seconds} s`
  if (replaced === null) return `${what}, in ${folder}`
  const next = pid === null ? 'Start the bot on it: catalyst service start' : `The bot is healthy on it: pid ${pid}.`
  return [
    `${what}.`,
    `What they replaced is kept in ${quoteWord(replaced)} until the next restore, also to undo this one: catalyst backup restore --undo`,
    ...settingsLines(more),
    next,
  ].join('\n')
}

/** Says how the settings of before are kept, and how they come back. */
function settingsLines({
  replaced_settings: kept,
  sealed_settings: sealed,
}: Pick<Restored, 'replaced_settings' | 'sealed_settings'>): string[] {
  if (sealed !== null)
    return [`The settings stay as they are, since those of before are sealed. To read them: ${openText(sealed)}`]
  if (kept === null) return []
  if (kept.is_sealed)
    return [`The settings of before are sealed, and an undo leaves them out. To read them: ${openText(kept.path)}`]
  const why = kept.fault === null ? 'To have such files sealed: SETTINGS_BACKUP_RECIPIENT' : kept.fault
  return [`The settings of before are kept there in plain text, readable by you only. ${why}`]
}

function openText(path: string): string {
  return `age -d -i identity.txt ${quoteWord(path)}`
}

/** Describes a restore test that has passed. */
export function restoreTestText({ backup, time, files, bytes, databases, seconds }: RestoreTest): string {
  const checked = databases === 0 ? '' : `; ${countOf(databases, 'database')} checked`
  return `The backup ${backup} of ${localTime(time)} can be restored: ${countOf(files, 'file')}, ${sizeText(bytes)}, in ${seconds} s${checked}.`
}
