import { join } from 'node:path'
import { isCommit, isReleaseName } from '#core/home/active-release.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { listFolder } from '#core/platform/fs/files.js'
import { readJson, writeJson } from '#core/platform/fs/json-file.js'
import { removeFile } from '#core/platform/fs/write-files.js'
import { isDataPath } from './snapshot-paths.js'
import { type DataOwner, isSnapshotId } from './snapshots.js'

interface OrderFacts extends DataOwner {
  /** The id of the snapshot that it makes: a copy, or what has to make room. `release` and `commit` say whose data it is. */
  readonly id: string
  /** The reason, for people. */
  readonly reason: string
}

/**
 * What is to be done to the bot's data before it runs the next time, in `.catalyst/state/data-orders/<id>.json`. The start of
 * the bot does it: between two versions nobody writes, whoever restarts the bot, and nothing is left stopped. Releases are
 * named; null is the working tree.
 */
export type DataOrder =
  /** Copies the data, before this release first runs on it. */
  | (OrderFacts & { readonly do: 'snapshot'; readonly paths: readonly string[]; readonly before: string | null })
  /**
   * Puts the data of a snapshot in the place of today's, which is kept; not for this release, whose data today's is.
   * `isSure`: the snapshot has to be there; else there may be none, since the other release has never run.
   */
  | (OrderFacts & {
      readonly do: 'restore'
      readonly snapshot: string
      readonly not?: string | null
      readonly isSure: boolean
      /** How far it has come; absent: nothing has changed yet. */
      readonly phase?: RestorePhase
    })

/** `staged`: all that comes back lies beside its place. `kept`: all that had to make room has moved. */
type RestorePhase = 'staged' | 'kept'

/** Returns the orders of a home, in the order in which they are carried out. Those that we can't have written are none. */
export function readOrders({ dataOrders }: HomePaths): DataOrder[] {
  const ids = listFolder(dataOrders).flatMap((file) => /^(.+)\.json$/.exec(file)?.[1] ?? [])
  return ids
    .filter(isSnapshotId)
    .sort()
    .flatMap(
      (id) => readJson<DataOrder>(join(dataOrders, `${id}.json`), (value) => value.id === id && isOrder(value)) ?? [],
    )
}

export function writeOrder({ dataOrders }: HomePaths, order: DataOrder): void {
  writeJson(join(dataOrders, `${order.id}.json`), order)
}

export function removeOrder({ dataOrders }: HomePaths, { id }: Pick<DataOrder, 'id'>): void {
  removeFile(join(dataOrders, `${id}.json`))
}

/** Returns whether an order is one for this release. One that was cut off in the middle is for any. */
export function isFor(order: DataOrder, release: string | null): boolean {
  if (order.do === 'snapshot') return order.before === release
  return order.phase !== undefined || order.not !== release
}

function isOrder(value: Record<string, unknown>): boolean {
  const { do: what, reason, release, commit, paths, before, snapshot, not, isSure, phase } = value
  const isRelease = (one: unknown) => one === null || isReleaseName(one)
  if (typeof reason !== 'string' || !isRelease(release) || !(commit === null || isCommit(commit))) return false
  if (what === 'snapshot') return isRelease(before) && Array.isArray(paths) && paths.every(isDataPath)
  if (what !== 'restore' || !isSnapshotId(snapshot) || typeof isSure !== 'boolean') return false
  return (not === undefined || isRelease(not)) && (phase === undefined || phase === 'staged' || phase === 'kept')
}
