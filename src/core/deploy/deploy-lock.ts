import { CatalystError, EXIT } from '#core/errors.js'
import { holdLock } from '#core/home/hold-lock.js'
import type { Home } from '#core/home/home.js'
import { type Holder, readHolderNow } from '#core/home/lock.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { tell } from '#core/platform/process/stderr.js'
import { localTime } from '#core/text.js'

/**
 * The content of `.catalyst/state/deploy.lock`: who is changing what this home runs. The watchdog leaves the bot alone
 * meanwhile.
 */
interface DeployHolder extends Holder {
  /** Such as `a rollback to v1`. */
  readonly what: string
  /** ISO 8601. */
  readonly since: string
}

/**
 * Locks the home to the end of the caller's scope: nobody else can change its version or its settings meanwhile.
 * @throws CatalystError DEPLOY_BUSY
 */
export function lockVersion({ clock, paths, owner }: Home, what: string): Promise<Disposable> {
  const details = { what, since: new Date(clock.now()).toISOString() }
  const onBroken = ({ what: before, pid, since }: DeployHolder) =>
    tell(`The lock of ${before} (pid ${pid}, since ${localTime(since)}), which is gone, was broken.`)
  return holdLock<DeployHolder>(clock, { path: paths.deployLock, owner, details, busy, onBroken })
}

/**
 * Refuses to go on while somebody is changing the home, before a person is asked anything.
 * @throws CatalystError DEPLOY_BUSY
 */
export async function refuseIfLocked({ paths, asOwner }: Home): Promise<void> {
  const holder = asOwner(() => readHolderNow<DeployHolder>(paths.deployLock))
  if (holder !== undefined && (await isRunning(holder))) throw busy(holder)
}

function busy({ pid, what, since }: DeployHolder): CatalystError {
  return new CatalystError(`This home is being changed: ${what}, by pid ${pid} since ${localTime(since)}.`, {
    code: 'DEPLOY_BUSY',
    exit: EXIT.busy,
    suggestions: ['Wait until that is done, then do it again.'],
  })
}
