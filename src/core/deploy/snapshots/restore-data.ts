import { join } from 'node:path'
import type { DeployHome } from '#core/deploy/deploy-home.js'
import { lockVersion } from '#core/deploy/deploy-lock.js'
import { refuseInterrupted } from '#core/deploy/deployment-file.js'
import { CatalystError, EXIT } from '#core/errors.js'
import { pollUntil } from '#core/platform/poll.js'
import { type DataOrder, readOrders, removeOrder, writeOrder } from '#core/snapshots/data-orders.js'
import { refuseIncomplete } from '#core/snapshots/put-back.js'
import { CONTENT, type Snapshot, Snapshots, undoIdOf } from '#core/snapshots/snapshots.js'
import { timeName } from '#core/text.js'

/** The output of `deploy restore-data --json`. */
export interface DataRestored {
  readonly snapshot: string
  /** The snapshot of what had to make room. */
  readonly undo: string
  /** True where it comes back only at the next start, since nothing supervises the bot. */
  readonly is_due: boolean
}

const POLL_INTERVAL_MS = 200
/** The time in which the bot's start begins with it, beyond its stop. */
const BEGINS_MS = 60_000

/**
 * Puts the data of a snapshot back, by a restart of the bot; what is there is kept. The bot runs on it with the version
 * that is active.
 * @throws CatalystError DEPLOY_BUSY, DEPLOY_CUT_OFF, SNAPSHOT_FAILED
 */
export async function restoreData(home: DeployHome, snapshot: Snapshot): Promise<DataRestored> {
  const { clock, paths, asOwner, supervisor } = home
  using _lock = await lockVersion(home, 'a restore of data')
  refuseInterrupted(home)
  asOwner(() => refuseIncomplete(join(new Snapshots(home).folderOf(snapshot.id), CONTENT), snapshot))
  const active = home.activePointer()
  const order: DataOrder = {
    do: 'restore',
    id: undoIdOf(timeName(clock.now())),
    snapshot: snapshot.id,
    isSure: true,
    reason: `before ${snapshot.id} was put back`,
    release: active?.name ?? null,
    commit: active?.commit ?? null,
  }
  asOwner(() => {
    for (const one of readOrders(paths)) if (isByHand(one)) removeOrder(paths, one)
    writeOrder(paths, order)
  })
  const result = { snapshot: snapshot.id, undo: order.id }
  if (supervisor.kind === 'none' || home.desiredStopAt() !== undefined) {
    if ((await home.runningBot()) === undefined) return { ...result, is_due: true }
    asOwner(() => removeOrder(paths, order))
    throw new CatalystError('A bot runs, and nothing supervises it: nothing was put back.', {
      code: 'BOT_RUNNING',
      exit: EXIT.busy,
      suggestions: ['Stop it, then do it again'],
    })
  }
  const current = () => asOwner(() => readOrders(paths)).find(({ id }) => id === order.id)
  try {
    await supervisor.restart()
  } catch (error) {
    // else it would come back at a start that nobody connects with this any more
    const known = current()
    if (known !== undefined && isByHand(known)) asOwner(() => removeOrder(paths, known))
    throw error
  }
  const isDone = () => current() === undefined || undefined
  const timeoutMs = BEGINS_MS + home.settings.BOT_START_TIMEOUT * 1000
  if (await pollUntil(clock, { intervalMs: POLL_INTERVAL_MS, timeoutMs }, isDone)) {
    if (new Snapshots(home).read(order.id) !== undefined) return { ...result, is_due: false }
    throw notBack(`Nothing was put back: the bot runs on the data of before. ${whyNot(home, order.id)}`.trimEnd())
  }
  throw notBack('The bot has not put the data back yet: its next start will.')
}

/** Returns whether an order is by hand, and nothing has changed for it yet. */
function isByHand(order: DataOrder): boolean {
  return order.do === 'restore' && order.not === undefined && order.phase === undefined
}

/** Returns why a start of the bot has put nothing back, as a sentence. */
function whyNot(home: DeployHome, id: string): string {
  const entry = home.newestEntries().findLast(({ kind, snapshot }) => kind === 'data.restore' && snapshot === id)
  return typeof entry?.failed === 'string' ? entry.failed : ''
}

function notBack(message: string): CatalystError {
  return new CatalystError(message, {
    code: 'SNAPSHOT_FAILED',
    exit: EXIT.failed,
    suggestions: ['See why: catalyst logs'],
  })
}
