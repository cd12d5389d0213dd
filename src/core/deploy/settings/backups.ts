import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomeFiles } from '#core/home/home.js'
import { listFolder, readText } from '#core/platform/fs/files.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { kindAt } from '#core/platform/fs/links.js'
import {
  makeFolder,
  OWNER_FOLDER,
  OWNER_ONLY,
  publishFolder,
  removeFolder,
  writeAtomically,
} from '#core/platform/fs/write-files.js'
import { timeName, timeOfName } from '#core/text.js'

/** The manifest beside the settings in a backup. */
export interface Manifest {
  /** The wall time at which it was made, in ms since 1970. */
  readonly at: number
  /** The reason for which it was made, for people. */
  readonly reason: string
  /** The release that was active then; null: the working tree. */
  readonly release: string | null
  readonly commit: string | null
  /** The hash of the settings, in hexadecimal. */
  readonly sha256: string
}

/** A backup of the settings. */
export interface Backup extends Manifest {
  /** Its folder's name: `<time>` or `<time>-<label>`. */
  readonly id: string
}

const ID = /^\d{8}T\d{9}Z(-[A-Za-z0-9][\w.-]{0,39})?$/
const LABEL = /^[A-Za-z0-9][\w.-]{0,39}$/
const SETTINGS_FILE = 'env'
const MANIFEST_FILE = 'manifest.json'

/** Returns whether a value is the id of a backup. */
export function isBackupId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

/** The backups of a home's settings: a folder each, readable by the owner alone. */
export class Backups {
  readonly #folder: string
  readonly #asOwner: HomeFiles['asOwner']

  constructor({ paths, asOwner }: HomeFiles) {
    this.#folder = paths.backups
    this.#asOwner = asOwner
  }

  /** Returns the backups that are whole, newest first. */
  list(): Backup[] {
    return this.#asOwner(() =>
      listFolder(this.#folder)
        .filter((id) => ID.test(id))
        .reverse()
        .flatMap((id) => this.#read(id) ?? []),
    )
  }

  /**
   * Backs up these settings, and verifies that they can be read again.
   * @throws CatalystError USAGE for a label that is no file name everywhere, BACKUP_DAMAGED
   */
  make(settings: string, facts: Omit<Manifest, 'sha256'> & { label?: string | undefined }): Backup {
    const { label, ...rest } = facts
    if (label !== undefined && !LABEL.test(label)) throw badLabel(label)
    const manifest: Manifest = { ...rest, sha256: sha256(settings) }
    const id = this.#asOwner(() => this.#publish(settings, manifest, label))
    const backup = { id, ...manifest }
    if (this.settingsOf(backup) !== settings) throw damaged(id)
    return backup
  }

  #publish(settings: string, manifest: Manifest, label: string | undefined): string {
    const id = [timeName(this.#freeTime(manifest.at)), ...(label === undefined ? [] : [label])].join('-')
    publishFolder(join(this.#folder, id), (folder) => {
      makeFolder(folder, OWNER_FOLDER)
      writeAtomically(join(folder, SETTINGS_FILE), settings, OWNER_ONLY)
      writeJson(join(folder, MANIFEST_FILE), manifest, OWNER_ONLY)
    })
    return id
  }

  /**
   * Returns the settings of a backup.
   * @throws CatalystError BACKUP_DAMAGED when they aren't what was backed up
   */
  settingsOf({ id, sha256: expected }: Backup): string {
    const text = this.#settingsIn(id)
    if (text === undefined || sha256(text) !== expected) throw damaged(id)
    return text
  }

  /** Returns whether a backup really holds these settings. */
  holds({ id, sha256: expected }: Backup, settings: string): boolean {
    return expected === sha256(settings) && this.#settingsIn(id) === settings
  }

  #settingsIn(id: string): string | undefined {
    return this.#asOwner(() => readText(join(this.#folder, id, SETTINGS_FILE)))
  }

  /** Returns the backups beyond the retention limit: all but the newest `keep` and those in use. */
  beyond(keep: number, inUse: readonly string[]): Backup[] {
    return this.list()
      .slice(keep)
      .filter(({ id }) => !inUse.includes(id))
  }

  remove({ id }: Pick<Backup, 'id'>): void {
    this.#asOwner(() => removeFolder(join(this.#folder, id)))
  }

  /**
   * Finds the backup whose id begins with `asked`, or whose label it is; without `asked` the newest.
   * @throws CatalystError BACKUP_UNKNOWN
   */
  find(asked: string | undefined): Backup {
    const all = this.list()
    if (asked === undefined) {
      const [newest] = all
      if (newest === undefined) throw unknown('There is no backup yet.')
      return newest
    }
    const found = all.filter(({ id }) => id === asked || id.startsWith(asked) || id.replace(/^\w+-/, '') === asked)
    const [only] = found
    if (only === undefined) throw unknown(`There is no backup ${asked}.`)
    if (found.length > 1 && only.id !== asked) throw ambiguous(asked, found)
    return only
  }

  #read(id: string): Backup | undefined {
    const folder = join(this.#folder, id)
    if (kindAt(folder) !== 'folder') return undefined // a link would lead to settings that we did not back up
    const manifest = readJson<Manifest>(
      join(folder, MANIFEST_FILE),
      ({ at, sha256, reason, release, commit }) =>
        typeof at === 'number' &&
        typeof sha256 === 'string' &&
        typeof reason === 'string' &&
        [release, commit].every((one) => one === null || typeof one === 'string'),
    )
    return manifest && { id, ...manifest }
  }

  /** Returns a time after the newest backup's: so ids are unique and in order, also after the clock was set back. */
  #freeTime(at: number): number {
    const newest = this.list()[0]
    return newest === undefined ? at : Math.max(at, timeOfName(newest.id) + 1)
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function badLabel(label: string): CatalystError {
  return new CatalystError(`${JSON.stringify(label)} can't be a backup's label.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['It has 1 to 40 letters, digits, . _ and -, the first a letter or a digit.'],
  })
}

function damaged(id: string): CatalystError {
  return new CatalystError(`The backup ${id} is damaged: it does not hold what was backed up.`, {
    code: 'BACKUP_DAMAGED',
    exit: EXIT.failed,
    suggestions: ['Take another one: catalyst deploy backups'],
  })
}

function ambiguous(asked: string, found: readonly Backup[]): CatalystError {
  return new CatalystError(`${found.length} backups are called ${asked}.`, {
    code: 'BACKUP_UNKNOWN',
    exit: EXIT.failed,
    suggestions: found.slice(0, 5).map(({ id }) => `catalyst deploy restore ${id}`),
  })
}

function unknown(message: string): CatalystError {
  return new CatalystError(message, {
    code: 'BACKUP_UNKNOWN',
    exit: EXIT.failed,
    suggestions: ['See those there are: catalyst deploy backups', 'Make one: catalyst deploy backup'],
  })
}
