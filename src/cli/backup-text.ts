import type { Backup } from '#core/deploy/backups.js'
import type { ChangedKeys } from '#core/deploy/changed-keys.js'
import type { Restored } from '#core/deploy/settings-backup.js'
import { table } from './table.js'

export function backupLines(backups: readonly Backup[]): string {
  if (backups.length === 0) return 'There is no backup yet. Make one: catalyst deploy backup'
  return table(backups.map(({ id, release, reason }) => [id, release ?? 'no release', reason]))
}

/** Which settings become others; their values are nobody's business. */
export function changedKeysText({ added, removed, changed }: ChangedKeys): string {
  const rows = [
    ...added.map((name) => ['+', name, 'comes back']),
    ...removed.map((name) => ['-', name, 'goes away']),
    ...changed.map((name) => ['~', name, 'gets its old value']),
  ]
  return rows.length === 0 ? 'No setting changes; comments or their order do.' : table(rows)
}

/** The same in one line. */
export function changedKeysLine({ added, removed, changed }: ChangedKeys): string {
  const words = [
    ...added.map((name) => `${name} comes back`),
    ...removed.map((name) => `${name} goes away`),
    ...changed.map((name) => `${name} gets its old value`),
  ]
  return words.length === 0 ? 'none changes' : words.join(', ')
}

export function restoredText({ backup, replaced, changed }: Restored): string {
  if (!changed) return `The settings are those of ${backup.id} already.`
  const undo = replaced === null ? '' : `\nWhat they replaced is kept: catalyst deploy restore ${replaced.id}`
  return `The settings are those of ${backup.id} again.${undo}
They take effect at the next start: catalyst service restart`
}
