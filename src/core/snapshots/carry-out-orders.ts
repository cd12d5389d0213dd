import { join } from 'node:path'
import { CatalystError, EXIT, messageOf } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Clock } from '#core/platform/clock.js'
import { type DataOrder, isFor, readOrders, removeOrder } from './data-orders.js'
import { putBack } from './put-back.js'
import { Snapshots } from './snapshots.js'
import { takeSnapshot } from './take-snapshot.js'

/** The options of {@link carryOutOrders}. */
export interface CarryOutOptions {
  /** The release that is about to run; null: the working tree. */
  readonly release: string | null
  /** The folders whose virtual environment may hold a Python. */
  readonly folders: readonly string[]
  readonly signal: AbortSignal
  /** Takes what is done, in words. */
  readonly onProgress: (text: string) => void
  readonly journal: (kind: string, details: Record<string, unknown>) => void
}

const MB = 1024 * 1024

/**
 * Does what is to be done to the data before the bot runs. The caller has claimed the home, so that no bot of it runs.
 * @throws CatalystError SNAPSHOT_FAILED, DATA_IN_USE, SETTINGS_INVALID; the next start tries it again
 */
export async function carryOutOrders(clock: Clock, paths: HomePaths, options: CarryOutOptions): Promise<void> {
  const { release, journal } = options
  for (const order of readOrders(paths)) {
    if (options.signal.aborted) return
    if (!isFor(order, release)) continue
    const began = clock.monotonic()
    let done: Done
    try {
      done =
        order.do === 'snapshot' ? await take(clock, paths, order, options) : await restore(clock, paths, order, options)
    } catch (error) {
      if (!isUntouched(paths, order)) throw error
      removeOrder(paths, order)
      const failed = messageOf(error)
      journal('data.restore', { snapshot: order.id, release: order.release, failed })
      options.onProgress(`puts no data back, and goes on with what is there: ${failed}`)
      continue
    }
    removeOrder(paths, order)
    const seconds = Math.round(clock.monotonic() - began) / 1000
    if (done !== undefined)
      journal(`data.${order.do}`, { snapshot: order.id, release: order.release, ...done, seconds })
  }
}

/**
 * Returns whether an order that failed has changed nothing, and no deployment waits for it: the bot of such a person runs on
 * what is there, rather than on nothing.
 */
function isUntouched(paths: HomePaths, { id }: DataOrder): boolean {
  const order = readOrders(paths).find((one) => one.id === id)
  return order?.do === 'restore' && order.not === undefined && order.phase === undefined
}

type Done = Record<string, unknown> | undefined

async function take(
  clock: Clock,
  paths: HomePaths,
  order: Extract<DataOrder, { do: 'snapshot' }>,
  options: CarryOutOptions,
): Promise<Done> {
  if (snapshotsOf(paths).read(order.id) !== undefined) return undefined // the start before was killed right after it
  const { onProgress, signal, folders } = options
  onProgress(
    `copies its data (${order.paths.join(', ')}) before ${options.release ?? 'the working tree'} first runs on it`,
  )
  const { bytes, files } = await takeSnapshot(clock, {
    ...order,
    data: paths.data,
    folder: join(paths.snapshots, order.id),
    tool: { folders },
    signal,
    onProgress: (done, all) => onProgress(`copies its data: ${Math.floor(done / MB)} of ${Math.ceil(all / MB)} MB`),
  })
  const damaged = files.filter(({ fault }) => fault !== undefined)
  for (const { path, fault } of damaged) onProgress(`keeps ${path} as it is, which is damaged: ${fault}`)
  return { bytes, ...(damaged.length > 0 && { damaged: damaged.map(({ path }) => path) }) }
}

async function restore(
  clock: Clock,
  paths: HomePaths,
  order: Extract<DataOrder, { do: 'restore' }>,
  { onProgress }: CarryOutOptions,
): Promise<Done> {
  const snapshot = snapshotsOf(paths).read(order.snapshot)
  if (snapshot === undefined) {
    if (!order.isSure) return undefined
    throw new CatalystError(`The snapshot ${order.snapshot} of the data is gone: nothing was put back.`, {
      code: 'SNAPSHOT_FAILED',
      exit: EXIT.failed,
      suggestions: ['Choose another one: catalyst deploy snapshots'],
    })
  }
  onProgress(`puts the data of ${snapshot.release ?? 'the working tree'} back`)
  await putBack(clock, paths, order, snapshot)
  return { restored: snapshot.id, bytes: snapshot.bytes }
}

/** Returns the snapshots as the process's own user, who owns the home. */
function snapshotsOf(paths: HomePaths): Snapshots {
  return new Snapshots({ paths, asOwner: (work) => work() })
}
