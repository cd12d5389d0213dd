import { dirname, join } from 'node:path'
import { CatalystError, EXIT, isNoRoom, messageOf, waysToRoom } from '#core/errors.js'
import { type Clock, every } from '#core/platform/clock.js'
import { copyTree, flushFile, type TreeItem, treeAt } from '#core/platform/fs/copy-tree.js'
import { sizeOf } from '#core/platform/fs/files.js'
import { writeJson } from '#core/platform/fs/json-file.js'
import { temporaryName } from '#core/platform/fs/temporary.js'
import {
  makeFolder,
  OWNER_FOLDER,
  OWNER_ONLY,
  publishWhole,
  removeFolder,
  syncFolder,
} from '#core/platform/fs/write-files.js'
import type { Sqlite, SqlitePlace } from '#core/platform/sqlite/sqlite.js'
import { companionsOf, isSqlite } from '#core/platform/sqlite/sqlite-file.js'
import { copyDatabase, demandSqlite } from './databases.js'
import { refuseUnfit } from './snapshot-paths.js'
import { CONTENT, MANIFEST_FILE, orderedAt, type SnapshotFile, type SnapshotManifest } from './snapshots.js'

/** The options of {@link takeSnapshot}. */
export interface TakeOptions extends Pick<SnapshotManifest, 'release' | 'commit' | 'reason' | 'paths'> {
  /** The folder of the bot's data. */
  readonly data: string
  /** The snapshot's folder, which is there once it is whole. */
  readonly folder: string
  readonly tool: SqlitePlace
  readonly signal: AbortSignal
  /** Takes how many of how many bytes are copied. */
  readonly onProgress: (done: number, all: number) => void
}

const PROGRESS_MS = 500

/**
 * Copies data into a snapshot: SQLite databases by their online backup, with a check of the copy, all else as files. A database
 * that is damaged is copied as it is: a rollback must not fail for it. It is whole or not there. Returns its manifest.
 * @throws CatalystError SNAPSHOT_FAILED, SETTINGS_INVALID; nothing is left of it then
 */
export async function takeSnapshot(clock: Clock, options: TakeOptions): Promise<SnapshotManifest> {
  const { data, folder, paths, release, commit, reason, signal } = options
  refuseUnfit(data, paths)
  const temporary = temporaryName(folder)
  try {
    makeFolder(join(temporary, CONTENT), OWNER_FOLDER)
    const files = await copyAll(clock, join(temporary, CONTENT), options)
    if (signal.aborted) throw new Error('it was cancelled')
    for (const place of new Set(files.map(({ path }) => dirname(join(temporary, CONTENT, path))))) syncFolder(place)
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    const manifest: SnapshotManifest = {
      ...orderedAt(dirname(folder), clock.now()),
      reason,
      kind: 'snapshot',
      release,
      commit,
      paths,
      files,
      bytes,
    }
    writeJson(join(temporary, MANIFEST_FILE), manifest, OWNER_ONLY)
    publishWhole(temporary, folder)
    return manifest
  } catch (error) {
    removeFolder(temporary)
    if (error instanceof CatalystError) throw error
    throw new CatalystError(`The data could not be copied: ${messageOf(error)}.`, {
      code: 'SNAPSHOT_FAILED',
      exit: EXIT.failed,
      suggestions: isNoRoom(error) ? waysToRoom(folder) : ['Mend that, then deploy again'],
      cause: error,
    })
  }
}

async function copyAll(clock: Clock, to: string, options: TakeOptions): Promise<SnapshotFile[]> {
  const { data, paths, tool: place, signal, onProgress } = options
  const items = paths.flatMap((path) => treeAt(data, path))
  const databases = items
    .filter(({ kind, path }) => kind === 'file' && isSqlite(join(data, path)))
    .map(({ path }) => path)
  const isOfDatabase = (path: string) =>
    databases.includes(path) || databases.some((one) => companionsOf(one).includes(path))
  const plain = items.filter(({ path, kind }) => kind !== 'folder' && !isOfDatabase(path))
  const all = [...plain, ...items.filter(({ path }) => databases.includes(path))].reduce(
    (sum, item) => sum + item.bytes,
    0,
  )
  let done = 0
  for (const path of paths) await copyTree(data, to, path, { skips: isOfDatabase })
  done += plain.reduce((sum, item) => sum + item.bytes, 0)
  const copies: SnapshotFile[] = []
  const tool = databases.length > 0 ? await demandSqlite(clock, place) : undefined
  for (const path of databases) {
    const target = join(to, path)
    const stop = every(clock, PROGRESS_MS, () => onProgress(done + sizeOf(target), all))
    try {
      makeFolder(dirname(target))
      const found = await copyDatabase(tool as Sqlite, join(data, path), target, signal)
      if ('fault' in found) copies.push(...(await copyDamaged(data, to, path, found.fault)))
      else {
        await flushFile(target)
        copies.push({ ...fileOf(items, path), bytes: sizeOf(target), rows: found.rows })
      }
    } finally {
      stop()
    }
    done += sizeOf(target)
  }
  return [...plain.map(({ path }) => fileOf(items, path)), ...copies]
}

/** Copies a damaged database as it is, with what SQLite keeps beside it: that may hold what it lacks. */
async function copyDamaged(data: string, to: string, path: string, fault: string): Promise<SnapshotFile[]> {
  const items = [path, ...companionsOf(path)].flatMap((one) => treeAt(data, one)).filter(({ kind }) => kind === 'file')
  for (const item of items) await copyTree(data, to, item.path)
  return items.map((item) => ({ ...fileOf(items, item.path), ...(item.path === path && { fault }) }))
}

function fileOf(items: readonly TreeItem[], path: string): SnapshotFile {
  const { bytes = 0, changed_at = 0 } = items.find((item) => item.path === path) ?? {}
  return { path, bytes, changed_at }
}
