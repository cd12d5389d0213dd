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
  asOwner(() => writeOrder(paths, order))
  const result = { snapshot: snapshot.id, undo: order.id }
  if (supervisor.kind === 'none') {
    if ((await home.runningBot()) === undefined) return { ...result, is_due: true }
    asOwner(() => removeOrder(paths, order))
    throw new CatalystError('A bot runs, and nothing supervises it: nothing was put back.', {
      code: 'BOT_RUNNING',
      exit: EXIT.busy,
      suggestions: ['Stop it, then do it again'],
    })
  }
  await supervisor.restart()
  const isDone = () => asOwner(() => readOrders(paths)).every(({ id }) => id !== order.id) || undefined
  const timeoutMs = BEGINS_MS + home.settings.BOT_START_TIMEOUT * 1000
  if (await pollUntil(clock, { intervalMs: POLL_INTERVAL_MS, timeoutMs }, isDone)) return { ...result, is_due: false }
  throw new CatalystError('The bot has not put the data back yet.', {
    code: 'SNAPSHOT_FAILED',
    exit: EXIT.failed,
    suggestions: ['See why: catalyst logs --level warning'],
  })
}
