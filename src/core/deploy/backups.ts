import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import { readJson, writeJson } from '#core/state/json-file.js'
import {
  isFolder,
  listFolder,
  makeFolder,
  OWNER_FOLDER,
  OWNER_ONLY,
  publishFolder,
  readText,
  removeFolder,
  writeAtomically,
} from '#core/system/files.js'
import { timeName, timeOfName } from '#core/text.js'

/** What stands beside the settings in a backup. */
export interface Manifest {
  /** Wall time in ms since 1970. */
  readonly at: number
  /** Why it was made, for people. */
  readonly reason: string
  /** The release that was active then; null: the home itself. */
  readonly release: string | null
  readonly commit: string | null
  /** Of the settings, in hexadecimal. */
  readonly sha256: string
}

export interface Backup extends Manifest {
  /** Its folder's name: `<time>` or `<time>-<name>`. */
  readonly id: string
}

const ID = /^\d{8}T\d{9}Z(-[A-Za-z0-9][\w.-]{0,39})?$/
const NAME = /^[A-Za-z0-9][\w.-]{0,39}$/
const SETTINGS_FILE = 'env'
const MANIFEST_FILE = 'manifest.json'

/** The backups of a home's settings: a folder each, readable by the owner alone. */
export class Backups {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Those that are whole, newest first. */
  list(): Backup[] {
    return listFolder(this.#folder)
      .filter((id) => ID.test(id))
      .reverse()
      .flatMap((id) => this.#read(id) ?? [])
  }

  /**
   * Keeps these settings, and proves that they can be read again.
   * @throws CatalystError USAGE for a name that is no file name everywhere, BACKUP_DAMAGED
   */
  make(settings: string, facts: Omit<Manifest, 'sha256'> & { name?: string | undefined }): Backup {
    const { name, ...rest } = facts
    if (name !== undefined && !NAME.test(name)) throw badName(name)
    const id = [timeName(this.#freeTime(facts.at)), ...(name === undefined ? [] : [name])].join('-')
    const manifest: Manifest = { ...rest, sha256: sha256(settings) }
    publishFolder(join(this.#folder, id), (folder) => {
      makeFolder(folder, OWNER_FOLDER)
      writeAtomically(join(folder, SETTINGS_FILE), settings, OWNER_ONLY)
      writeJson(join(folder, MANIFEST_FILE), manifest, OWNER_ONLY)
    })
    const backup = { id, ...manifest }
    if (this.settingsOf(backup) !== settings) throw damaged(id)
    return backup
  }

  /** @throws CatalystError BACKUP_DAMAGED when it isn't what was kept */
  settingsOf({ id, sha256: expected }: Backup): string {
    const text = readText(join(this.#folder, id, SETTINGS_FILE))
    if (text === undefined || sha256(text) !== expected) throw damaged(id)
    return text
  }

  /** Whether it really holds these settings. */
  holds({ id, sha256: expected }: Backup, settings: string): boolean {
    return expected === sha256(settings) && readText(join(this.#folder, id, SETTINGS_FILE)) === settings
  }

  /** Removes all but the newest `keep` and those that are in use; the answer is how many those were. */
  prune(keep: number, inUse: readonly string[] = []): number {
    const old = this.list()
      .slice(keep)
      .filter(({ id }) => !inUse.includes(id))
    for (const { id } of old) removeFolder(join(this.#folder, id))
    return old.length
  }

  /**
   * The backup whose id begins so or that has this name; without a word the newest.
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
    if (!isFolder(folder)) return undefined
    const manifest = readJson<Manifest>(
      join(folder, MANIFEST_FILE),
      ({ at, sha256 }) => typeof at === 'number' && typeof sha256 === 'string',
    )
    return manifest && { id, ...manifest }
  }

  /** The newest is always the last: two in one millisecond don't meet, nor does one after the clock was set back. */
  #freeTime(at: number): number {
    const newest = this.list()[0]
    return newest === undefined ? at : Math.max(at, timeOfName(newest.id) + 1)
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function badName(name: string): CatalystError {
  return new CatalystError(`${JSON.stringify(name)} can't be a backup's name.`, {
    code: 'USAGE',
    exit: EXIT.usage,
    suggestions: ['It has 1 to 40 letters, digits, . _ and -, the first a letter or a digit.'],
  })
}

function damaged(id: string): CatalystError {
  return new CatalystError(`The backup ${id} is damaged: what it holds is not what was kept.`, {
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
