import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Journal } from '#core/journal/journal.js'
import { activeRelease } from '#core/state/active-release.js'
import type { HomePaths } from '#core/state/home-paths.js'
import type { Clock } from '#core/system/clock.js'
import { modeOf, OWNER_ONLY, readText, realPath, writeAtomically } from '#core/system/files.js'
import { type Backup, Backups } from './backups.js'
import { type ChangedKeys, changedKeys } from './changed-keys.js'

/** What backing up and restoring the settings of a home needs. */
export interface SettingsHome {
  readonly clock: Clock
  readonly paths: HomePaths
  readonly settings: Pick<Settings, 'BACKUP_KEEP'>
  readonly journal: Journal
}

/**
 * Keeps the settings as they are now, and removes the oldest backups.
 * @throws CatalystError SETTINGS_MISSING, USAGE, BACKUP_DAMAGED
 */
export function backUp(home: SettingsHome, reason: string, name?: string): Backup {
  const { clock, paths, settings, journal } = home
  const text = readText(paths.env)
  if (text === undefined) {
    throw new CatalystError(`There are no settings to back up: ${paths.env} is missing.`, {
      code: 'SETTINGS_MISSING',
      exit: EXIT.failed,
      suggestions: ['Write one; .env.example shows every setting.'],
    })
  }
  const { name: release = null, commit = null } = activeRelease(paths) ?? {}
  const backups = new Backups(paths.backups)
  const backup = backups.make(text, { at: clock.now(), reason, release, commit, name })
  backups.prune(settings.BACKUP_KEEP)
  journal.append('backup', { backup: backup.id, reason, release })
  return backup
}

/** @throws CatalystError BACKUP_UNKNOWN */
export function findBackup({ paths }: SettingsHome, asked: string | undefined): Backup {
  return new Backups(paths.backups).find(asked)
}

/** Which settings a restore would change. */
export function preview({ paths }: SettingsHome, backup: Backup): ChangedKeys {
  return changedKeys(readText(paths.env) ?? '', new Backups(paths.backups).settingsOf(backup))
}

export interface Restored {
  readonly backup: Backup
  /** What was in force before, to undo it; null where there was nothing. */
  readonly replaced: Backup | null
  readonly keys: ChangedKeys
}

/**
 * Puts the settings of a backup in force; what they replace is backed up first. Settings that are the same already are
 * left alone.
 */
export function restore(home: SettingsHome, backup: Backup): Restored {
  const { paths, journal } = home
  const wanted = new Backups(paths.backups).settingsOf(backup) // before the oldest backup, which it may be, goes
  const current = readText(paths.env)
  if (current === wanted) return { backup, replaced: null, keys: changedKeys(wanted, wanted) }
  const replaced = current === undefined ? null : backUp(home, `before the restore of ${backup.id}`)
  writeAtomically(realPath(paths.env) ?? paths.env, wanted, modeOf(paths.env) ?? OWNER_ONLY)
  journal.append('restore', { backup: backup.id, replaced: replaced?.id ?? null })
  return { backup, replaced, keys: changedKeys(current ?? '', wanted) }
}
