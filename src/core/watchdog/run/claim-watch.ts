import { unwritableHome } from '#core/bot/claim.js'
import { CatalystError, codeOf, EXIT, isNoRoom, writeFault } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { acquireLock, type Holder, releaseLock } from '#core/home/lock.js'
import type { Clock } from '#core/platform/clock.js'
import { keepSpares } from '#core/platform/fs/spare.js'
import { newInstance } from '#core/platform/process/new-instance.js'
import { thisProcess } from '#core/platform/process/process-id.js'

/** The holder of a home's watchdog lock. */
export interface WatchdogHolder extends Holder {
  /** The folder of the shared watchdog, where that watches the home. */
  readonly shared?: string
}

/** Returns a holder of locks for this process; `shared` as in {@link WatchdogHolder}. */
export function newHolder(shared?: string): WatchdogHolder {
  return { ...thisProcess(), instance: newInstance(), ...(shared !== undefined && { shared }) }
}

/**
 * Takes the watchdog's lock of the home: two watchdogs would restart one bot twice. Returns what releases it. A lock that
 * could not be released before, as of a disk that was unplugged, is still its holder's.
 */
export async function claimWatch(
  clock: Clock,
  paths: HomePaths,
  mine: WatchdogHolder = newHolder(),
): Promise<() => void> {
  const acquired = await acquireLock(clock, paths.watchdogLock, mine).catch((error) => {
    if (isNoRoom(error)) throw noRoom(paths, error)
    throw (codeOf(error) === 'EROFS' && unwritableHome(paths)) || error
  })
  keepSpares(paths.state)
  if ('heldBy' in acquired && acquired.heldBy.instance !== mine.instance) {
    throw new CatalystError(`A watchdog already runs for ${paths.home}: pid ${acquired.heldBy.pid}.`, {
      code: 'WATCHDOG_RUNNING',
      exit: EXIT.busy,
      suggestions: ['See what it sees: catalyst watchdog status'],
    })
  }
  return () => releaseLock(paths.watchdogLock, mine)
}

function noRoom({ state, watchdogLock }: HomePaths, why: unknown): CatalystError {
  return new CatalystError(`The watchdog can't take its lock ${watchdogLock}: ${writeFault(why, state)}.`, {
    code: 'HOME_NOT_WRITABLE',
    exit: EXIT.failed,
    suggestions: ['Then start it again: catalyst watchdog run (as a service it is started again by itself).'],
  })
}
