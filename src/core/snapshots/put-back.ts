import { basename, dirname, join } from 'node:path'
import { CatalystError, codeOf, EXIT, isNoRoom, messageOf, waysToRoom } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { bestEffort } from '#core/platform/best-effort.js'
import type { Clock } from '#core/platform/clock.js'
import { copyTree, moveTree, treeAt } from '#core/platform/fs/copy-tree.js'
import { isFolder, sizeOf } from '#core/platform/fs/files.js'
import { writeJson } from '#core/platform/fs/json-file.js'
import { kindAt } from '#core/platform/fs/links.js'
import { makeFolder, OWNER_FOLDER, OWNER_ONLY, removeFolder, syncFolder } from '#core/platform/fs/write-files.js'
import { companionsOf } from '#core/platform/sqlite/sqlite-file.js'
import { type DataOrder, writeOrder } from './data-orders.js'
import { refuseUnfit } from './snapshot-paths.js'
import { CONTENT, kindOfKept, MANIFEST_FILE, orderedAt, type Snapshot, type SnapshotManifest } from './snapshots.js'

type RestoreOrder = Extract<DataOrder, { do: 'restore' }>

/**
 * Puts the data of a snapshot in the place of today's, which becomes a snapshot itself. Nobody may have the data open. It
 * can be cut off anywhere and done again: first all that comes back is copied beside its place, then all that has to
 * make room moves, then what was copied takes the places.
 * @throws CatalystError SNAPSHOT_FAILED, DATA_IN_USE; it can be done again
 */
export async function putBack(clock: Clock, paths: HomePaths, order: RestoreOrder, snapshot: Snapshot): Promise<void> {
  refuseUnfit(paths.data, snapshot.paths, { replaces: true })
  const members = snapshot.paths.flatMap((path) => membersOf(paths, snapshot, path))
  const from = join(paths.snapshots, snapshot.id, CONTENT)
  const keep = join(paths.snapshots, order.id)
  let { phase } = order
  try {
    if (phase === undefined) {
      refuseIncomplete(from, snapshot)
      for (const member of members) removeFolder(stageOf(paths, member))
      for (const member of members) await stage(paths, from, member)
      phase = 'staged'
      writeOrder(paths, { ...order, phase })
    }
    if (phase === 'staged') {
      makeFolder(join(keep, CONTENT), OWNER_FOLDER)
      for (const member of members) await keepMember(paths, join(keep, CONTENT), member)
      writeJson(join(keep, MANIFEST_FILE), keptManifest(clock, join(keep, CONTENT), order, snapshot), OWNER_ONLY)
      syncFolder(paths.snapshots)
      writeOrder(paths, { ...order, phase: 'kept' })
    }
    for (const member of members) {
      const staged = stageOf(paths, member)
      if (kindAt(staged) !== undefined) await moveTree(staged, join(paths.data, member))
    }
  } catch (error) {
    // on a disk that is full what was copied would be in the way
    if (phase === undefined)
      for (const member of members)
        bestEffort(
          () => removeFolder(stageOf(paths, member)),
          () => {},
        )
    throw error instanceof CatalystError ? error : failed(error, paths)
  }
}

/** Returns a path with what SQLite keeps beside it, today or in the snapshot. */
function membersOf({ data, snapshots }: HomePaths, { id }: Snapshot, path: string): string[] {
  const isTree = kindAt(join(data, path)) === 'folder' || isFolder(join(snapshots, id, CONTENT, path))
  return isTree ? [path] : [path, ...companionsOf(path)]
}

/** Returns where a path's content waits until it takes its place: beside it, so that a rename does. */
function stageOf({ data }: HomePaths, member: string): string {
  return join(data, dirname(member), `.${basename(member)}.catalyst-new`)
}

async function stage(paths: HomePaths, from: string, member: string): Promise<void> {
  if (kindAt(join(from, member)) === undefined) return
  const staged = stageOf(paths, member)
  makeFolder(dirname(staged))
  await copyTree(dirname(join(from, member)), dirname(staged), basename(member), { as: basename(staged) })
  syncFolder(dirname(staged))
}

/** Moves what has to make room. What is kept already was moved by a try that was cut off, and is what counts. */
async function keepMember({ data }: HomePaths, keep: string, member: string): Promise<void> {
  const place = join(data, member)
  if (kindAt(place) === undefined) return
  if (kindAt(join(keep, member)) !== undefined) return removeFolder(place) // it was copied to another disk
  await moveTree(place, join(keep, member))
}

function keptManifest(clock: Clock, keep: string, order: RestoreOrder, { paths }: Snapshot): SnapshotManifest {
  const { reason, release, commit } = order
  const files = treeAt(dirname(keep), basename(keep))
    .filter(({ kind }) => kind === 'file')
    .map(({ path, bytes, changed_at }) => ({ path: path.slice(basename(keep).length + 1), bytes, changed_at }))
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  const at = clock.now()
  return {
    ...orderedAt(dirname(dirname(keep)), at),
    reason,
    kind: kindOfKept(order.id),
    release,
    commit,
    paths,
    files,
    bytes,
  }
}

/**
 * Refuses a snapshot that does not hold what was put into it.
 * @throws CatalystError SNAPSHOT_FAILED
 */
export function refuseIncomplete(content: string, { id, files }: Snapshot): void {
  const lost = files.find(
    ({ path, bytes }) => kindAt(join(content, path)) === 'file' && sizeOf(join(content, path)) !== bytes,
  )
  const gone = files.find(({ path }) => kindAt(join(content, path)) === undefined)
  const found = gone ?? lost
  if (found === undefined) return
  throw new CatalystError(`The snapshot ${id} is damaged: ${found.path} is not what was copied.`, {
    code: 'SNAPSHOT_FAILED',
    exit: EXIT.failed,
    suggestions: ['Choose another one: catalyst deploy snapshots'],
  })
}

const IN_USE = ['EBUSY', 'EPERM', 'EACCES']

function failed(error: unknown, { data }: HomePaths): CatalystError {
  const isInUse = process.platform === 'win32' && IN_USE.includes(codeOf(error) ?? '')
  return new CatalystError(
    isInUse
      ? `The data can't be put back: another program has a file in ${data} open (${messageOf(error)}).`
      : `The data can't be put back: ${messageOf(error)}.`,
    {
      code: isInUse ? 'DATA_IN_USE' : 'SNAPSHOT_FAILED',
      exit: EXIT.failed,
      suggestions: isInUse
        ? ['Close that program: the next start of the bot goes on where this one has stopped']
        : isNoRoom(error)
          ? waysToRoom(data)
          : ['Mend that: the next start of the bot goes on where this one has stopped'],
      cause: error,
    },
  )
}
