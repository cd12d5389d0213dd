import { join } from 'node:path'
import { CatalystError, EXIT } from '#core/errors.js'
import type { HomeFiles } from '#core/home/home.js'
import { isObject } from '#core/json.js'
import { listFolder } from '#core/platform/fs/files.js'
import { readJson } from '#core/platform/fs/json-file.js'
import { kindAt } from '#core/platform/fs/links.js'
import { removeFolder } from '#core/platform/fs/write-files.js'
import type { Rows } from '#core/platform/sqlite/sqlite.js'
import { isDataPath } from './snapshot-paths.js'

/** The release whose data it is; null: the working tree. */
export interface DataOwner {
  readonly release: string | null
  readonly commit: string | null
}

/** A file in a snapshot, by its path below `data/`. */
export interface SnapshotFile {
  readonly path: string
  readonly bytes: number
  /** The time of its last change, in ms since 1970. */
  readonly changed_at: number
  /** The rows of each table of a SQLite database; absent where it was copied or moved as it is. */
  readonly rows?: Rows
  /** The fault of a SQLite database that was damaged, and was copied as it is. */
  readonly fault?: string
}

export type SnapshotKind = 'snapshot' | 'kept' | 'undo'

/** The manifest of a snapshot, `manifest.json` beside its `data/`. It is written last: with it the snapshot is whole. */
export interface SnapshotManifest extends DataOwner {
  /** The wall time at which it was made, in ms since 1970. */
  readonly at: number
  /** The place in the order in which they were made, which is no time where the clock was set back since another one. */
  readonly order?: number
  /** The reason for which it was made, for people. */
  readonly reason: string
  /**
   * `snapshot`: a copy, from before another version; `kept`: the data itself, which made room when its version was left for
   * the data of another one; `undo`: data that was replaced since it was of no use, as that of a version that failed.
   */
  readonly kind: SnapshotKind
  /** The paths that it holds, as DEPLOY_SNAPSHOT named them; one that is not in `files` was not there. */
  readonly paths: readonly string[]
  readonly files: readonly SnapshotFile[]
  readonly bytes: number
}

/** A snapshot of the bot's data. */
export interface Snapshot extends SnapshotManifest {
  /** Its folder's name: `<time>`, and of an undo `<time>-undo`. */
  readonly id: string
}

const ID = /^\d{8}T\d{9}Z(-undo)?$/
export const MANIFEST_FILE = 'manifest.json'
/** The folder in a snapshot with what it holds. */
export const CONTENT = 'data'

/** Returns the id of what an order puts aside that is of no use to its version. */
export function undoIdOf(id: string): string {
  return `${id}-undo`
}

/** Returns the kind of the snapshot that an order to restore another one makes, by its id. */
export function kindOfKept(id: string): SnapshotKind {
  return id.endsWith('-undo') ? 'undo' : 'kept'
}

/** Returns whether a value can be the id of a snapshot. */
export function isSnapshotId(value: unknown): value is string {
  return typeof value === 'string' && ID.test(value)
}

/** The snapshots of a home's data: a folder each, readable by the owner alone. */
export class Snapshots {
  readonly #folder: string
  readonly #asOwner: HomeFiles['asOwner']

  constructor({ paths, asOwner }: HomeFiles) {
    this.#folder = paths.snapshots
    this.#asOwner = asOwner
  }

  /** Returns the snapshots that are whole, newest first. */
  list(): Snapshot[] {
    return this.#asOwner(() => snapshotsIn(this.#folder))
  }

  /** Returns the snapshot of that id, if it is whole. */
  read(id: string): Snapshot | undefined {
    return this.#asOwner(() => readIn(this.#folder, id))
  }

  /**
   * Finds the snapshot whose id begins so.
   * @throws CatalystError SNAPSHOT_UNKNOWN
   */
  find(asked: string): Snapshot {
    const found = this.list().filter(({ id }) => asked !== '' && id.startsWith(asked))
    const only = found.find(({ id }) => id === asked) ?? found[0]
    if (only !== undefined && (found.length === 1 || only.id === asked)) return only
    throw new CatalystError(
      found.length > 1
        ? `${found.length} snapshots are called ${asked}.`
        : `There is no snapshot ${asked} of the data.`,
      { code: 'SNAPSHOT_UNKNOWN', exit: EXIT.failed, suggestions: ['See those there are: catalyst deploy snapshots'] },
    )
  }

  folderOf(id: string): string {
    return join(this.#folder, id)
  }

  remove(id: string): void {
    this.#asOwner(() => removeFolder(this.folderOf(id)))
  }
}

function snapshotsIn(folder: string): Snapshot[] {
  return listFolder(folder)
    .flatMap((id) => readIn(folder, id) ?? [])
    .sort((one, other) => placeOf(other) - placeOf(one))
}

function readIn(folder: string, id: string): Snapshot | undefined {
  if (!isSnapshotId(id) || kindAt(join(folder, id)) !== 'folder') return undefined
  const manifest = readJson<SnapshotManifest>(join(folder, id, MANIFEST_FILE), isManifest)
  return manifest && { ...manifest, id }
}

function placeOf({ at, order = at }: Pick<Snapshot, 'at' | 'order'>): number {
  return order
}

/** Returns the time of a new snapshot in this folder, a wall time in ms, and its place behind all others. */
export function orderedAt(folder: string, at: number): Pick<SnapshotManifest, 'at' | 'order'> {
  const [newest] = snapshotsIn(folder)
  return newest === undefined || placeOf(newest) < at ? { at } : { at, order: placeOf(newest) + 1 }
}

function isManifest({
  at,
  order,
  reason,
  kind,
  release,
  commit,
  paths,
  files,
  bytes,
}: Record<string, unknown>): boolean {
  return (
    typeof at === 'number' &&
    (order === undefined || typeof order === 'number') &&
    typeof bytes === 'number' &&
    typeof reason === 'string' &&
    ['snapshot', 'kept', 'undo'].includes(String(kind)) &&
    [release, commit].every((one) => one === null || typeof one === 'string') &&
    Array.isArray(paths) &&
    paths.every(isDataPath) &&
    Array.isArray(files) &&
    files.every(isFile)
  )
}

function isFile(value: unknown): boolean {
  if (!isObject(value)) return false
  const { path, bytes, changed_at, rows, fault } = value
  return (
    isDataPath(path) &&
    typeof bytes === 'number' &&
    typeof changed_at === 'number' &&
    (rows === undefined || isObject(rows)) &&
    (fault === undefined || typeof fault === 'string')
  )
}

/**
 * Returns the snapshots beyond the retention limit: all but the newest of each version on disk and of each kind, and
 * those that are named. The working tree counts as a version on disk.
 */
export function snapshotsBeyond(
  all: readonly Snapshot[],
  { onDisk, named }: { onDisk: readonly string[]; named: readonly (string | undefined)[] },
): Snapshot[] {
  const isNewest = ({ id, release, kind }: Snapshot) =>
    all.find((one) => one.release === release && one.kind === kind)?.id === id
  return all.filter(
    (one) => !named.includes(one.id) && !(isNewest(one) && (one.release === null || onDisk.includes(one.release))),
  )
}
