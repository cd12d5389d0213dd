import { CatalystError, EXIT } from '#core/errors.js'
import type { HomePaths } from '#core/state/home-paths.js'
import { type Holder, readHolderNow } from '#core/state/lock.js'
import { whileHolding } from '#core/state/while-holding.js'
import type { Clock } from '#core/system/clock.js'
import { isRunning } from '#core/system/processes.js'
import { tell } from '#core/system/stderr.js'
import { actingAs, type User } from '#core/system/users.js'
import { localTime } from '#core/text.js'

/** `.catalyst/state/deploy.lock`: who is changing what this home runs. The watchdog leaves the bot alone meanwhile. */
interface DeployHolder extends Holder {
  /** Such as `a rollback to v1`. */
  readonly what: string
  /** ISO 8601. */
  readonly since: string
}

/**
 * Does this while nobody else changes the version or the settings of the home.
 * @throws CatalystError DEPLOY_BUSY
 */
export function whileLocked<T>(
  { clock, paths }: { clock: Clock; paths: HomePaths },
  owner: User,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const details = { what, since: new Date(clock.now()).toISOString() }
  const onBroken = ({ what: before, pid, since }: DeployHolder) =>
    tell(`The lock of ${before} (pid ${pid}, since ${localTime(since)}), which is gone, was broken.`)
  return whileHolding<DeployHolder, T>(clock, { path: paths.deployLock, owner, details, busy, onBroken }, work)
}

/**
 * Looks whether somebody is changing the home, before a person is asked anything.
 * @throws CatalystError DEPLOY_BUSY
 */
export async function refuseIfLocked(paths: HomePaths, owner: User): Promise<void> {
  const holder = actingAs(owner, () => readHolderNow<DeployHolder>(paths.deployLock))
  if (holder !== undefined && (await isRunning(holder))) throw busy(holder)
}

function busy({ pid, what, since }: DeployHolder): CatalystError {
  return new CatalystError(`This home is being changed: ${what}, by pid ${pid} since ${localTime(since)}.`, {
    code: 'DEPLOY_BUSY',
    exit: EXIT.busy,
    suggestions: ['Wait until that is done, then do it again.'],
  })
}
