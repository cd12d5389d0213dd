import { dirname, join } from 'node:path'
import { homePathOf, STAGING } from '#core/backup/contents.js'
import { MANIFEST_PATH, type Manifest, manifestIn } from '#core/backup/manifest.js'
import type { BackupRepository } from '#core/backup/restic/open-repository.js'
import { restoreArgs } from '#core/backup/restic/restic-args.js'
import type { Task } from '#core/backup/restic/restic-errors.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { objectIn } from '#core/json.js'
import type { Clock } from '#core/platform/clock.js'
import { diskSpace } from '#core/platform/disk/disk-space.js'
import { exists } from '#core/platform/fs/files.js'
import { kindAt } from '#core/platform/fs/links.js'
import { entriesOf, fileSizes } from '#core/platform/fs/walk.js'
import { makeFolder, movePath, OWNER_FOLDER, removeFile, removeFolder } from '#core/platform/fs/write-files.js'
import { findSqlite } from '#core/platform/sqlite/sqlite.js'
import { sizeText } from '#core/text.js'
import type { Listing } from './replacements.js'

/** A backup with what it holds. */
export interface OpenedBackup {
  readonly id: string
  readonly manifest: Manifest
  readonly listing: Listing
  readonly files: number
  readonly bytes: number
}

/**
 * Reads what a backup holds.
 * @throws CatalystError BACKUP_DAMAGED for one that catalyst can't have made
 */
export async function openBackup(
  repository: BackupRepository,
  id: string,
  task: Task,
  signal?: AbortSignal,
): Promise<OpenedBackup> {
  const listing = new Map<string, { isFolder: boolean; bytes: number }>()
  let files = 0
  let bytes = 0
  const onLine = (line: string) => {
    const { path, type, size, struct_type } = objectIn(line) ?? {}
    if (typeof path !== 'string' || struct_type === 'snapshot') return
    const inHome = homePathOf(path.replace(/^\/+/, ''))
    if (inHome === STAGING) return
    const own = type === 'file' && typeof size === 'number' ? size : 0
    if (type === 'file') files += 1
    bytes += own
    listing.set(inHome, { isFolder: type === 'dir', bytes: own })
  }
  await repository.run(task, ['ls', '--json', id], { signal, onLine })
  const hasManifest = listing.has(homePathOf(MANIFEST_PATH))
  const { stdout } = hasManifest
    ? await repository.run(task, ['dump', id, `/${MANIFEST_PATH}`], { signal })
    : { stdout: '' }
  const manifest = manifestIn(stdout)
  if (manifest === undefined)
    throw new CatalystError(`The backup ${id} does not tell what it holds. Nothing was changed.`, {
      code: 'BACKUP_DAMAGED',
      exit: EXIT.failed,
      suggestions: ['Take another one: catalyst backup list'],
    })
  return { id, manifest, listing, files, bytes }
}

interface FetchOptions {
  readonly clock: Clock
  readonly task: Task
  /** The one path that is asked for; undefined: all. */
  readonly only?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** The room that is left free on the disk, so that what runs there can go on. */
const SPARE_BYTES = 100 * 1024 * 1024

/**
 * Fetches the files of a backup into an empty folder, under their paths in the home, and checks its databases.
 * @throws CatalystError RESTORE_FAILED where there is no room, or what comes is not what was backed up
 */
export async function fetchBackup(
  repository: BackupRepository,
  { id, manifest, listing, bytes }: OpenedBackup,
  folder: string,
  { clock, task, only, signal = new AbortController().signal }: FetchOptions,
): Promise<void> {
  makeFolder(folder, OWNER_FOLDER)
  const wanted = only === undefined ? bytes : bytesBelow(listing, only)
  const { freeBytes } = await diskSpace(folder)
  if (freeBytes < wanted + SPARE_BYTES)
    throw failed(
      `There is no room for the ${sizeText(wanted)} of the backup ${id}, and ${sizeText(SPARE_BYTES)} more: ${sizeText(freeBytes)} are free on the disk that holds ${folder}`,
      ['Make room there', 'Or restore to another disk: catalyst backup restore --to FOLDER'],
    )
  const paths = only === undefined ? [] : [only, `${STAGING}/${only}`]
  await repository.run(task, restoreArgs(id, folder, paths), { signal })
  arrange(folder, id)
  const lost = lostIn(folder, listing, only)
  if (lost !== undefined) throw failed(`${lost} of the backup ${id} did not come back as it was backed up`)
  const sqlite = await findSqlite(clock, { folders: [] })
  for (const { path, fault: known } of manifest.databases) {
    const file = join(folder, path)
    if (!exists(file) || known !== undefined) continue // it was so when it was backed up, and may be all that there is
    const fault = await sqlite?.check(file, signal)
    if (fault !== undefined) throw failed(`The database ${path} of the backup ${id} is damaged: ${fault}`)
  }
}

/** Moves the copies of databases to their paths in the home. */
function arrange(folder: string, id: string): void {
  const staging = join(folder, STAGING)
  for (const path of fileSizes(staging).keys()) {
    const target = join(folder, path)
    if (parentsOf(path).some((parent) => ['link', 'file'].includes(kindAt(join(folder, parent)) ?? '')))
      throw failed(`${path} of the backup ${id} would lead elsewhere: somebody has forged it`)
    if (kindAt(target) === undefined) movePath(join(staging, path), target)
  }
  removeFile(join(folder, homePathOf(MANIFEST_PATH)))
  removeFolder(staging)
  const own = dirname(staging)
  if (entriesOf(own)?.length === 0) removeFolder(own)
}

/** Returns the folders above a path that is relative, the topmost first. */
export function parentsOf(path: string): string[] {
  const names = path.split('/').slice(0, -1)
  return names.map((_, index) => names.slice(0, index + 1).join('/'))
}

/** Returns the first file that is missing, or has another size than in the backup. */
function lostIn(folder: string, listing: Listing, only: string | undefined): string | undefined {
  const sizes = fileSizes(folder)
  const isAsked = (path: string) => only === undefined || path === only || path.startsWith(`${only}/`)
  const manifest = homePathOf(MANIFEST_PATH)
  for (const [path, { isFolder, bytes }] of listing) {
    if (isFolder || path === manifest || !isAsked(path) || bytes === 0) continue
    if (sizes.get(path) !== bytes) return path
  }
  return undefined
}

function bytesBelow(listing: Listing, only: string): number {
  let bytes = 0
  for (const [path, one] of listing) if (path === only || path.startsWith(`${only}/`)) bytes += one.bytes
  return bytes
}

function failed(message: string, suggestions = ['See the other backups: catalyst backup list']): CatalystError {
  return new CatalystError(`${message}. Nothing in the home was changed.`, {
    code: 'RESTORE_FAILED',
    exit: EXIT.failed,
    suggestions,
  })
}
