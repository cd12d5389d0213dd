import { isAbsolute, join, resolve, sep } from 'node:path'
import type { Settings } from '#core/config/schema.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { realPath } from '#core/platform/fs/files.js'
import { pathsToBackUp } from './contents.js'

/** The place of backups, with what restic needs to open it. */
export interface Repository {
  /** Its address as restic takes it. */
  readonly address: string
  /** The secrets and all else that restic gets by its environment: never by its arguments. */
  readonly environment: Readonly<Record<string, string>>
}

/**
 * Returns the repository that the settings name.
 * @throws CatalystError BACKUP_OFF without one, SETTINGS_INVALID
 */
export function repositoryOf(settings: Settings, home: string): Repository {
  const { BACKUP_REPOSITORY: named, BACKUP_PASSWORD: password, BACKUP_PASSWORD_FILE: file } = settings
  if (named === undefined)
    throw new CatalystError('No backups are set up: BACKUP_REPOSITORY is not set.', {
      code: 'BACKUP_OFF',
      exit: EXIT.settings,
      suggestions: [
        'Set BACKUP_REPOSITORY and BACKUP_PASSWORD in .env, such as BACKUP_REPOSITORY=/mnt/backups/mybot',
        'Then make the first backup: catalyst backup run --init',
      ],
    })
  const fault = faultOf(settings)
  if (fault !== undefined) throw wrong(fault)
  const address = isFolderAddress(named) ? resolve(home, named) : named
  const holder = holderOf(address, settings, home)
  if (holder !== undefined)
    throw wrong(`BACKUP_REPOSITORY must not be inside ${holder}, which is backed up: name a folder elsewhere`)
  const { BACKUP_S3_KEY_ID: key, BACKUP_S3_SECRET_KEY: secret, BACKUP_S3_REGION: region } = settings
  return {
    address,
    environment: {
      RESTIC_REPOSITORY: address,
      ...(password !== undefined && { RESTIC_PASSWORD: password }),
      ...(file !== undefined && { RESTIC_PASSWORD_FILE: resolve(home, file) }),
      ...(key !== undefined && { AWS_ACCESS_KEY_ID: key }),
      ...(secret !== undefined && { AWS_SECRET_ACCESS_KEY: secret }),
      ...(region !== undefined && { AWS_DEFAULT_REGION: region }),
    },
  }
}

function wrong(fault: string): CatalystError {
  return new CatalystError(`${fault}.`, {
    code: 'SETTINGS_INVALID',
    exit: EXIT.settings,
    suggestions: ['Correct it in .env, then run: catalyst config check'],
  })
}

/** Returns the path to back up that a folder lies in; each backup would hold all earlier ones, and a restore replace them. */
function holderOf(address: string, settings: Settings, home: string): string | undefined {
  if (!isFolderAddress(address)) return undefined
  const place = realPath(address) ?? address
  return pathsToBackUp(settings).find((path) => {
    const root = join(home, path)
    return [root, realPath(root) ?? root].some((one) => `${place}${sep}`.startsWith(`${one}${sep}`))
  })
}

/** Returns what in the settings of the backups contradicts itself; undefined where nothing does. */
function faultOf({ BACKUP_REPOSITORY: named = '', ...settings }: Settings): string | undefined {
  const { BACKUP_PASSWORD: password, BACKUP_PASSWORD_FILE: file } = settings
  if (password === undefined && file === undefined)
    return 'BACKUP_REPOSITORY needs BACKUP_PASSWORD, or BACKUP_PASSWORD_FILE'
  if (password !== undefined && file !== undefined)
    return 'BACKUP_PASSWORD and BACKUP_PASSWORD_FILE are both set: keep one'
  if ((settings.BACKUP_S3_KEY_ID === undefined) !== (settings.BACKUP_S3_SECRET_KEY === undefined))
    return 'BACKUP_S3_KEY_ID and BACKUP_S3_SECRET_KEY go together: one of them is missing'
  if (/^[a-z0-9]+:(https?:)?\/\/[^/@]*:[^/@]*@/i.test(named)) return 'BACKUP_REPOSITORY must not hold a password'
  return undefined
}

/** Returns whether an address is a folder of this machine: no other kind of restic's, and `C:\` is one. */
export function isFolderAddress(address: string): boolean {
  return isAbsolute(address) || /^[a-z]:[\\/]/i.test(address) || !/^[a-z0-9]+:/i.test(address)
}
