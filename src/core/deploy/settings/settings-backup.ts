import { CatalystError, EXIT } from '#core/errors.js'
import { activeRelease } from '#core/home/active-release.js'
import type { Home, HomeFiles } from '#core/home/home.js'
import { readText } from '#core/platform/fs/files.js'
import { rewriteSecret } from '#core/platform/fs/write-files.js'
import { type Backup, Backups } from './backups.js'
import { backupsInUse } from './backups-in-use.js'
import { type ChangedKeys, changedKeys } from './changed-keys.js'

/**
 * Backs up the settings as they are now, and removes the oldest backups.
 * @throws as {@link makeBackup} does
 */
export function backUp(home: Home, reason: string, label?: string): Backup {
  const backup = makeBackup(home, reason, label)
  removeOld(home)
  return backup
}

/**
 * Backs up the settings as they are now; all other backups stay.
 * @throws CatalystError SETTINGS_MISSING, SETTINGS_INVALID, USAGE, BACKUP_DAMAGED
 */
export function makeBackup(home: Home, reason: string, label?: string): Backup {
  const { clock, paths, journal, asOwner } = home
  const text = readSettingsText(home)
  if (text === undefined) {
    throw new CatalystError(`There are no settings to back up: ${paths.env} is missing.`, {
      code: 'SETTINGS_MISSING',
      exit: EXIT.failed,
      suggestions: ['Write one; .env.example shows every setting.'],
    })
  }
  const { name: release = null, commit = null } = asOwner(() => activeRelease(paths)) ?? {}
  if (text.includes('\uFFFD')) throw notText(paths.env)
  const backup = new Backups(home).make(text, { at: clock.now(), reason, release, commit, label })
  journal.append('backup', { backup: backup.id, reason, release })
  return backup
}

/**
 * Finds a backup by its id, the beginning of it, or its label; without one the newest.
 * @throws CatalystError BACKUP_UNKNOWN
 */
export function findBackup(home: HomeFiles, asked: string | undefined): Backup {
  return new Backups(home).find(asked)
}

/** Returns which settings a restore would change. */
export function preview(home: HomeFiles, backup: Backup): ChangedKeys {
  return changedKeys(readSettingsText(home) ?? '', new Backups(home).settingsOf(backup))
}

/** The result of {@link restore}. */
export interface Restored {
  readonly backup: Backup
  /** The backup of what was in force before, to undo it; null where there was nothing. */
  readonly replaced: Backup | null
  /** False if the settings were the same already. */
  readonly changed: boolean
  readonly keys: ChangedKeys
}

/**
 * Puts the settings of a backup in force; what they replace is backed up first. Settings that are the same already are
 * left alone.
 */
export function restore(home: Home, backup: Backup): Restored {
  const restored = new Backups(home).settingsOf(backup)
  const current = readSettingsText(home)
  if (current === restored) return { backup, replaced: null, changed: false, keys: changedKeys(restored, restored) }
  const replaced = current === undefined ? null : backupBefore(home, backup, current)
  putInForce(home, restored)
  removeOld(home) // only now: until here the one that is restored may be the oldest
  home.journal.append('restore', { backup: backup.id, replaced: replaced?.id ?? null })
  return { backup, replaced, changed: true, keys: changedKeys(current ?? '', restored) }
}

/** Writes the settings. A link to shared ones stays a link, and their permissions stay. */
export function putInForce({ paths, asOwner }: HomeFiles, text: string): void {
  asOwner(() => rewriteSecret(paths.env, text, paths.own))
}

/** Reads the settings' file as it is; undefined where there is none. */
export function readSettingsText({ paths, asOwner }: HomeFiles): string | undefined {
  return asOwner(() => readText(paths.env))
}

function removeOld(home: Home): void {
  const backups = new Backups(home)
  for (const backup of backups.beyond(home.settings.BACKUP_KEEP, backupsInUse(home))) backups.remove(backup)
}

/** Returns a backup of what a restore replaces. A restore that failed has made one already. */
function backupBefore(home: Home, { id }: Backup, current: string): Backup {
  const backups = new Backups(home)
  const [newest] = backups.list()
  if (newest && newest.id !== id && backups.holds(newest, current)) return newest
  return makeBackup(home, `before the restore of ${id}`)
}

function notText(path: string): CatalystError {
  return new CatalystError(`${path} is not UTF-8, so it can't be backed up as it is.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: ['Save it as UTF-8, then do it again.'],
  })
}
