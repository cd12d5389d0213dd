import { CatalystError, EXIT } from '#core/errors.js'
import type { Holder } from '#core/state/lock.js'
import { whileHolding } from '#core/state/while-holding.js'
import type { Services } from './services.js'

/**
 * Does this while nobody else changes the services of the home: an installation and a removal at once would leave a
 * process that nobody keeps. Where the lock can't be written, as on a full disk, it is done without.
 * @throws CatalystError SERVICE_BUSY
 */
export function exclusively<T>({ clock, paths, owner }: Services, work: () => Promise<T>): Promise<T> {
  return whileHolding(clock, { path: paths.serviceLock, owner, details: {}, busy, evenUnlocked: true }, work)
}

function busy({ pid }: Holder): CatalystError {
  return new CatalystError(`Somebody else is changing the services of this home: pid ${pid}.`, {
    code: 'SERVICE_BUSY',
    exit: EXIT.busy,
    suggestions: ['Wait until that is done, then do it again.'],
  })
}
