import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import type { Journal } from '#core/journal/journal.js'
import { activeRelease } from '#core/state/active-release.js'
import type { HomePaths } from '#core/state/home-paths.js'
import type { Clock } from '#core/system/clock.js'
import { readText, rewriteSecret } from '#core/system/files.js'
import { type Backup, Backups } from './backups.js'
import { type ChangedKeys, changedKeys } from './changed-keys.js'
import { backupsInUse } from './deployment-file.js'

/** What backing up and restoring the settings of a home needs. */
export interface SettingsHome {
  readonly clock: Clock
  readonly paths: HomePaths
  readonly settings: Pick<Settings, 'BACKUP_KEEP'>
  readonly journal: Journal
}

/**
 * Keeps the settings as they are now, and removes the oldest backups.
 * @throws as {@link makeBackup} does
 */
export function backUp(home: SettingsHome, reason: string, name?: string): Backup {
  const { paths, settings } = home
  const backup = makeBackup(home, reason, name)
  new Backups(paths.backups).prune(settings.BACKUP_KEEP, backupsInUse(paths))
  return backup
}

/**
 * Keeps the settings as they are now; all other backups stay, too.
 * @throws CatalystError SETTINGS_MISSING, SETTINGS_INVALID, USAGE, BACKUP_DAMAGED
 */
export function makeBackup({ clock, paths, journal }: SettingsHome, reason: string, name?: string): Backup {
  const text = readText(paths.env)
  if (text === undefined) {
    throw new CatalystError(`There are no settings to back up: ${paths.env} is missing.`, {
      code: 'SETTINGS_MISSING',
      exit: EXIT.failed,
      suggestions: ['Write one; .env.example shows every setting.'],
    })
  }
  const { name: release = null, commit = null } = activeRelease(paths) ?? {}
  if (text.includes('\uFFFD')) throw notText(paths.env)
  const backup = new Backups(paths.backups).make(text, { at: clock.now(), reason, release, commit, name })
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
  /** False where the settings were the same already. */
  readonly changed: boolean
  readonly keys: ChangedKeys
}

/**
 * Puts the settings of a backup in force; what they replace is backed up first. Settings that are the same already are
 * left alone.
 */
export function restore(home: SettingsHome, backup: Backup): Restored {
  const { paths, settings, journal } = home
  const backups = new Backups(paths.backups)
  const wanted = backups.settingsOf(backup)
  const current = readText(paths.env)
  if (current === wanted) return { backup, replaced: null, changed: false, keys: changedKeys(wanted, wanted) }
  const replaced = current === undefined ? null : keptBefore(home, backup, current)
  putInForce(paths, wanted)
  backups.prune(settings.BACKUP_KEEP, backupsInUse(paths)) // only now: until here the one that is restored may be the oldest
  journal.append('restore', { backup: backup.id, replaced: replaced?.id ?? null })
  return { backup, replaced, changed: true, keys: changedKeys(current ?? '', wanted) }
}

/** Writes the settings; a link to shared ones and their permissions stay. */
export function putInForce({ env, own }: HomePaths, text: string): void {
  rewriteSecret(env, text, own)
}

/** A backup of what a restore replaces. A restore that failed has made one already. */
function keptBefore(home: SettingsHome, { id }: Backup, current: string): Backup {
  const backups = new Backups(home.paths.backups)
  const [newest] = backups.list()
  if (newest && newest.id !== id && backups.holds(newest, current)) return newest
  return makeBackup(home, `before the restore of ${id}`)
}

function notText(path: string): CatalystError {
  return new CatalystError(`${path} is not UTF-8, so it can't be kept as it is.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: ['Save it as UTF-8, then do it again.'],
  })
}
