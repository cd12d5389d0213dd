import { recipientFault } from '#core/config/age-recipient.js'
import { seal, unseal } from '#core/config/seal.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { activeRelease } from '#core/home/active-release.js'
import type { Home, HomeFiles } from '#core/home/home.js'
import { readText } from '#core/platform/fs/files.js'
import { rewriteSecret } from '#core/platform/fs/write-files.js'
import { type Backup, Backups, type Sealed } from './backups.js'
import { backupsInUse, backupsOfDeployment } from './backups-in-use.js'
import { type ChangedKeys, changedKeys } from './changed-keys.js'
import { openPartOf } from './open-part.js'

/** A size that no file of identities comes near. */
const MOST_IDENTITY_BYTES = 1024 * 1024

/**
 * Backs up the settings as they are now, and removes the oldest backups.
 * @throws as {@link makeBackup} does
 */
export async function backUp(home: Home, reason: string, label?: string): Promise<Backup> {
  const backup = await makeBackup(home, reason, label)
  removeOld(home)
  return backup
}

/**
 * Backs up the settings as they are now; all other backups stay. With SETTINGS_BACKUP_RECIPIENT it is sealed, and so are the
 * earlier ones, but for those of a deployment under way.
 * @throws CatalystError SETTINGS_MISSING, SETTINGS_INVALID, USAGE, BACKUP_DAMAGED
 */
export async function makeBackup(home: Home, reason: string, label?: string): Promise<Backup> {
  const { clock, paths, journal, asOwner } = home
  const { text, active } = asOwner(() => ({ text: readSettingsText(home), active: activeRelease(paths) }))
  if (text === undefined) {
    throw new CatalystError(`There are no settings to back up: ${paths.env} is missing.`, {
      code: 'SETTINGS_MISSING',
      exit: EXIT.failed,
      suggestions: ['Write one; .env.example shows every setting.'],
    })
  }
  const { name: release = null, commit = null } = active ?? {}
  if (text.includes('\uFFFD')) throw notText(paths.env)
  const recipient = recipientOf(home)
  const settings = recipient === undefined ? text : await sealed(text, recipient)
  const backup = asOwner(() => {
    const made = new Backups(home).make(settings, { at: clock.now(), reason, release, commit, label })
    journal.append('backup', { backup: made.id, reason, release, is_sealed: recipient !== undefined })
    return made
  })
  if (recipient !== undefined) await sealPlain(home, recipient)
  return backup
}

/**
 * Returns the recipient that backups are sealed to.
 * @throws CatalystError SETTINGS_INVALID for one with a typing error: nothing is backed up in plain text instead
 */
function recipientOf({ config }: Home): string | undefined {
  const recipient = config.environment.SETTINGS_BACKUP_RECIPIENT?.trim()
  if (!recipient) return undefined
  const found = recipientFault(recipient)
  if (found === undefined) return recipient
  throw new CatalystError(`SETTINGS_BACKUP_RECIPIENT ${found}.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: ['Correct it in .env, or take it out: nothing was backed up, since it would be plain text'],
  })
}

async function sealed(text: string, recipient: string): Promise<Sealed> {
  return { recipient, text: await seal(text, recipient), open: openPartOf(text) }
}

/** Seals the backups that were made before there was a recipient. */
async function sealPlain(home: Home, recipient: string): Promise<void> {
  const backups = new Backups(home)
  const needed = backupsOfDeployment(home)
  for (const backup of backups.list()) {
    if (backup.sealed_to !== null) backups.removePlainLeftOf(backup)
    else if (!needed.includes(backup.id) && !backups.isDamaged(backup))
      backups.reseal(backup, await sealed(backups.settingsOf(backup), recipient))
  }
}

/**
 * Finds a backup by its id, the beginning of it, or its label; without one the newest.
 * @throws CatalystError BACKUP_UNKNOWN
 */
export function findBackup(home: HomeFiles, asked: string | undefined): Backup {
  return new Backups(home).find(asked)
}

/**
 * Returns the settings of a backup; those of a sealed one by the identity in this file.
 * @throws CatalystError BACKUP_SEALED, BACKUP_DAMAGED, IDENTITY_WRONG, USAGE
 */
export async function openBackup(home: HomeFiles, backup: Backup, identityFile: string | undefined): Promise<string> {
  const backups = new Backups(home)
  if (backup.sealed_to === null || identityFile === undefined) return backups.settingsOf(backup)
  const identities = readText(identityFile, MOST_IDENTITY_BYTES)
  if (identities === undefined) throw noFile(identityFile)
  return unseal(backups.sealedOf(backup).text, identities, identityFile)
}

/** Returns which settings a restore would change. */
export function preview(home: HomeFiles, settings: string): ChangedKeys {
  return changedKeys(readSettingsText(home) ?? '', settings)
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
export async function restore(home: Home, backup: Backup, restored: string): Promise<Restored> {
  const current = readSettingsText(home)
  if (current === restored) return { backup, replaced: null, changed: false, keys: changedKeys(restored, restored) }
  const replaced = current === undefined ? null : await backupBefore(home, backup, current)
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
async function backupBefore(home: Home, { id }: Backup, current: string): Promise<Backup> {
  const backups = new Backups(home)
  const [newest] = backups.list()
  if (newest && newest.id !== id && backups.holds(newest, current)) return newest
  return makeBackup(home, `before the restore of ${id}`)
}

function noFile(path: string): CatalystError {
  return new CatalystError(`${path} is no file that can be read here.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['Give the file that age-keygen has written: --identity FILE'],
  })
}

function notText(path: string): CatalystError {
  return new CatalystError(`${path} is not UTF-8, so it can't be backed up as it is.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: ['Save it as UTF-8, then do it again.'],
  })
}
