import { table } from '#cli/table.js'
import type { Backup } from '#core/deploy/settings/backups.js'
import type { ChangedKeys } from '#core/deploy/settings/changed-keys.js'
import type { Restored } from '#core/deploy/settings/settings-backup.js'

/** Returns a table of backups. */
export function backupLines(backups: readonly Backup[]): string {
  if (backups.length === 0) return 'There is no backup yet. Make one: catalyst deploy backup'
  return table(
    backups.map(({ id, release, reason, sealed_to }) => [
      id,
      release ?? 'no release',
      reason,
      sealed_to === null ? 'plain text' : 'sealed',
    ]),
  )
}

/** Describes a backup that was made just now. */
export function backedUpText({ id, sealed_to }: Backup): string {
  return sealed_to === null
    ? `Backed up, and verified: ${id}\nIt is plain text, readable by its owner alone; SETTINGS_BACKUP_RECIPIENT seals those that follow.`
    : `Backed up, sealed to ${sealed_to}: ${id}`
}

/** Returns a table of the settings that change; values are never shown. */
export function changedKeysText({ added, removed, changed }: ChangedKeys): string {
  const rows = [
    ...added.map((name) => ['+', name, 'is added']),
    ...removed.map((name) => ['-', name, 'is removed']),
    ...changed.map((name) => ['~', name, 'gets its old value']),
  ]
  return rows.length === 0 ? 'No setting changes; comments or their order do.' : table(rows)
}

/** Returns the settings that change, in one line. */
export function changedKeysLine({ added, removed, changed }: ChangedKeys): string {
  const words = [
    ...added.map((name) => `${name} is added`),
    ...removed.map((name) => `${name} is removed`),
    ...changed.map((name) => `${name} gets its old value`),
  ]
  return words.length === 0 ? 'none changes' : words.join(', ')
}

/** Describes what a restore has changed, and how to undo it. */
export function restoredText({ backup, replaced, changed }: Restored): string {
  if (!changed) return `The settings are those of ${backup.id} already.`
  const undo = replaced === null ? '' : `\nThe replaced ones are backed up: catalyst deploy restore ${replaced.id}`
  return `The settings are those of ${backup.id} again.${undo}
They take effect at the next start: catalyst service restart`
}
