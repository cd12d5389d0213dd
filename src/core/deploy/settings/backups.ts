import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomeFiles } from '#core/home/home.js'
import { objectIn } from '#core/json.js'
import { listFolder, readText } from '#core/platform/fs/files.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { kindAt } from '#core/platform/fs/links.js'
import {
  makeFolder,
  OWNER_FOLDER,
  OWNER_ONLY,
  publishFolder,
  removeFile,
  removeFolder,
  writeAtomically,
} from '#core/platform/fs/write-files.js'
import { quoteWord, timeName, timeOfName } from '#core/text.js'
import { isOpenPart, type OpenPart } from './open-part.js'

/** The manifest beside the settings in a backup. */
export interface Manifest {
  /** The wall time at which it was made, in ms since 1970. */
  readonly at: number
  /** The reason for which it was made, for people. */
  readonly reason: string
  /** The release that was active then; null: the working tree. */
  readonly release: string | null
  readonly commit: string | null
  /** The hash of the settings, in hexadecimal; of a sealed backup that of its files. */
  readonly sha256: string
  /** The recipient that the settings are sealed to; null: they are plain text. */
  readonly sealed_to: string | null
}

/** Settings as a sealed backup holds them. */
export interface Sealed {
  readonly recipient: string
  /** The settings, sealed: a file of age. */
  readonly text: string
  readonly open: OpenPart
}

/** The facts of a backup's manifest, with its label. */
type BackupFacts = Omit<Manifest, 'sha256' | 'sealed_to'> & { readonly label?: string | undefined }

/** A backup of the settings. */
export interface Backup extends Manifest {
  /** Its folder's name: `<time>` or `<time>-<label>`. */
  readonly id: string
}

const ID = /^\d{8}T\d{9}Z(-[A-Za-z0-9][\w.-]{0,39})?$/
const LABEL = /^[A-Za-z0-9][\w.-]{0,39}$/
const SETTINGS_FILE = 'env'
const SEALED_FILE = 'env.age'
const OPEN_FILE = 'open.json'
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
  make(settings: string | Sealed, facts: BackupFacts): Backup {
    const { label, ...rest } = facts
    if (label !== undefined && !LABEL.test(label)) throw badLabel(label)
    const files = filesOf(settings)
    const manifest: Manifest = { ...rest, ...factsOf(settings) }
    const id = this.#asOwner(() => this.#publish(files, manifest, label))
    const backup = { id, ...manifest }
    if (Object.entries(files).some(([name, text]) => this.#textIn(id, name) !== text)) throw damaged(id)
    return backup
  }

  #publish(files: Readonly<Record<string, string>>, manifest: Manifest, label: string | undefined): string {
    const id = [timeName(this.#freeTime(manifest.at)), ...(label === undefined ? [] : [label])].join('-')
    publishFolder(join(this.#folder, id), (folder) => {
      makeFolder(folder, OWNER_FOLDER)
      for (const [name, text] of Object.entries(files)) writeAtomically(join(folder, name), text, OWNER_ONLY)
      writeJson(join(folder, MANIFEST_FILE), manifest, OWNER_ONLY)
    })
    return id
  }

  /**
   * Returns the settings of a plain backup.
   * @throws CatalystError BACKUP_SEALED, BACKUP_DAMAGED when they aren't what was backed up
   */
  settingsOf(backup: Backup): string {
    if (backup.sealed_to !== null) throw sealed(backup, this.sealedFileOf(backup))
    const text = this.#textIn(backup.id, SETTINGS_FILE)
    if (text === undefined || sha256(text) !== backup.sha256) throw damaged(backup.id)
    return text
  }

  /**
   * Returns the content of a sealed backup.
   * @throws CatalystError BACKUP_DAMAGED
   */
  sealedOf({ id, sealed_to, sha256: expected }: Backup): Pick<Sealed, 'text' | 'open'> {
    const [text, open] = [this.#textIn(id, SEALED_FILE), this.#textIn(id, OPEN_FILE)]
    if (sealed_to === null || text === undefined || open === undefined || sha256(text + open) !== expected)
      throw damaged(id)
    const part = objectIn(open)
    if (part === undefined || !isOpenPart(part)) throw damaged(id)
    return { text, open: part }
  }

  /** Returns whether a plain backup holds something else than what was backed up. */
  isDamaged({ id, sha256: expected }: Backup): boolean {
    return sha256(this.#textIn(id, SETTINGS_FILE) ?? '') !== expected
  }

  /** Returns the path of a sealed backup's file of age. */
  sealedFileOf({ id }: Pick<Backup, 'id'>): string {
    return join(this.#folder, id, SEALED_FILE)
  }

  /** Returns whether a backup really holds these settings; of a sealed one nobody knows. */
  holds({ id, sha256: expected }: Backup, settings: string): boolean {
    return expected === sha256(settings) && this.#textIn(id, SETTINGS_FILE) === settings
  }

  /**
   * Seals a plain backup, whose name stays. Wherever it is interrupted, it is a whole backup, and a later call removes what
   * is left in plain text.
   */
  reseal({ id, ...facts }: Backup, settings: Sealed): void {
    const folder = join(this.#folder, id)
    this.#asOwner(() => {
      for (const [name, text] of Object.entries(filesOf(settings)))
        writeAtomically(join(folder, name), text, OWNER_ONLY)
      writeJson(join(folder, MANIFEST_FILE), { ...facts, ...factsOf(settings) }, OWNER_ONLY)
      removeFile(join(folder, SETTINGS_FILE))
    })
  }

  /** Removes what an interrupted {@link reseal} has left in plain text. */
  removePlainLeftOf({ id, sealed_to }: Backup): void {
    if (sealed_to !== null) this.#asOwner(() => removeFile(join(this.#folder, id, SETTINGS_FILE)))
  }

  #textIn(id: string, name: string): string | undefined {
    return this.#asOwner(() => readText(join(this.#folder, id, name)))
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
    const exact = isBackupId(asked) ? this.#asOwner(() => this.#read(asked)) : undefined
    if (exact !== undefined) return exact
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
      ({ at, sha256, reason, release, commit, sealed_to = null }) =>
        typeof at === 'number' &&
        typeof sha256 === 'string' &&
        typeof reason === 'string' &&
        [release, commit, sealed_to].every((one) => one === null || typeof one === 'string'),
    )
    return manifest && { id, ...manifest, sealed_to: manifest.sealed_to ?? null }
  }

  /** Returns a time after the newest backup's: so ids are unique and in order, also after the clock was set back. */
  #freeTime(at: number): number {
    const newest = this.list()[0]
    return newest === undefined ? at : Math.max(at, timeOfName(newest.id) + 1)
  }
}

function filesOf(settings: string | Sealed): Record<string, string> {
  if (typeof settings === 'string') return { [SETTINGS_FILE]: settings }
  return { [SEALED_FILE]: settings.text, [OPEN_FILE]: JSON.stringify(settings.open) }
}

/** Returns the recipient and the hash; that of a sealed backup is of its files, since a short secret could be guessed by its own. */
function factsOf(settings: string | Sealed): Pick<Manifest, 'sha256' | 'sealed_to'> {
  const recipient = typeof settings === 'string' ? null : settings.recipient
  return { sha256: sha256(Object.values(filesOf(settings)).join('')), sealed_to: recipient }
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

function sealed({ id }: Backup, file: string): CatalystError {
  return new CatalystError(`The backup ${id} is sealed: without its identity nobody can read it.`, {
    code: 'BACKUP_SEALED',
    exit: EXIT.failed,
    suggestions: [
      `Open it: catalyst deploy restore ${id} --identity FILE`,
      `Or by age itself: age -d -i FILE ${quoteWord(file)}`,
    ],
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
