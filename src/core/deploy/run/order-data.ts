import { operationName } from '#core/deploy/names.js'
import type { Deployment } from '#core/deploy/parse-deployment.js'
import { snapshotsOf } from '#core/deploy/snapshots/data-of-then.js'
import type { Home } from '#core/home/home.js'
import { type DataOrder, readOrders, removeOrder, writeOrder } from '#core/snapshots/data-orders.js'
import { type Snapshot, Snapshots, undoIdOf } from '#core/snapshots/snapshots.js'
import { timeName } from '#core/text.js'

/** Orders a snapshot of the data, before the new version first runs on it. */
export function orderSnapshot(home: Home, deployment: Deployment, paths: readonly string[]): void {
  const { target, from } = deployment
  const reason = `before the ${operationName(deployment)}`
  write(home, { do: 'snapshot', id: snapshotId(deployment), reason, paths, before: target.name, ...ownerOf(from) })
}

/**
 * Orders that a snapshot comes back; null: what this deployment has kept of before, if its version has run. The names of
 * what is kept are those of the deployment, so that doing it again changes nothing.
 */
export function orderData(home: Home, deployment: Deployment, snapshot: string | null): void {
  const { target, from } = deployment
  const own = snapshotId(deployment)
  if (snapshot === null) {
    const reason = `${operationName(deployment)}, undone`
    const id = undoId(deployment)
    write(home, { do: 'restore', id, snapshot: own, isSure: false, not: target.name, reason, ...ownerOf(target) })
    return
  }
  const reason = `before the ${operationName(deployment)}`
  write(home, { do: 'restore', id: own, snapshot, isSure: true, not: from?.name ?? null, reason, ...ownerOf(from) })
}

/**
 * Removes the orders of a deployment that is over, which no start will carry out any more. One that was begun stays
 * until a start has finished it.
 */
export function forgetOrders(home: Home, { active }: { active: string | null }): void {
  const isDue = (order: DataOrder) =>
    order.do === 'snapshot' ? order.before === active : order.phase !== undefined || order.not !== active
  home.asOwner(() => {
    for (const order of readOrders(home.paths)) if (!isDue(order)) removeOrder(home.paths, order)
  })
}

/** Returns the data that an undone version has left, if it was put aside. */
export function keptOfUndone(home: Home, deployment: Deployment): Snapshot | undefined {
  return new Snapshots(home).read(undoId(deployment))
}

/** Returns whether a version has to live with the data of another one, though there is a snapshot of its own. */
export function lacksItsData(home: Home, { target, steps }: Pick<Deployment, 'target' | 'steps'>): boolean {
  return steps.every((step) => step.do !== 'data') && snapshotsOf(home, target).length > 0
}

/** Returns the snapshot's name of a deployment: its time. */
export function snapshotId({ since }: Pick<Deployment, 'since'>): string {
  return timeName(Date.parse(since) || 0)
}

function undoId(deployment: Pick<Deployment, 'since'>): string {
  return undoIdOf(snapshotId(deployment))
}

function ownerOf(release: { readonly name: string; readonly commit: string } | null) {
  return { release: release?.name ?? null, commit: release?.commit ?? null }
}

/** Writes an order, unless a start has begun with it. */
function write(home: Home, order: DataOrder): void {
  home.asOwner(() => {
    const known = readOrders(home.paths).find(({ id }) => id === order.id)
    if (known?.do !== 'restore' || known.phase === undefined) writeOrder(home.paths, order)
  })
}
