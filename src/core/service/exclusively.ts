import { randomUUID } from 'node:crypto'
import { CatalystError, codeOf, EXIT } from '#core/errors.js'
import { type Holder, readHolderNow, releaseLock } from '#core/state/lock.js'
import { createExclusively, removeFile } from '#core/system/files.js'
import { isRunning, thisProcess } from '#core/system/processes.js'
import type { Services } from './services.js'

/** Where the lock can't be written, the services are still to be had in hand. */
const WITHOUT_LOCK = ['EROFS', 'ENOSPC', 'EDQUOT']

/**
 * Does this while nobody else changes the services of the home: an installation and a removal at once would leave a
 * process that nobody keeps. As the home's owner.
 * @throws CatalystError SERVICE_BUSY
 */
export async function exclusively<T>(services: Services, work: () => Promise<T>): Promise<T> {
  const { paths, asOwner } = services
  const mine: Holder = { ...thisProcess(), instance: randomUUID() }
  const isOurs = await take(services, mine)
  try {
    return await work()
  } finally {
    if (isOurs) asOwner(() => releaseLock(paths.serviceLock, mine))
  }
}

async function take({ paths, asOwner }: Services, mine: Holder): Promise<boolean> {
  for (;;) {
    try {
      if (asOwner(() => createExclusively(paths.serviceLock, JSON.stringify(mine)))) return true
    } catch (error) {
      if (WITHOUT_LOCK.includes(codeOf(error) ?? '')) return false
      throw error
    }
    const holder = asOwner(() => readHolderNow(paths.serviceLock))
    if (holder && (await isRunning(holder))) throw busy(holder)
    asOwner(() => removeFile(paths.serviceLock)) // its holder was killed
  }
}

function busy({ pid }: Holder): CatalystError {
  return new CatalystError(`Somebody else is changing the services of this home: pid ${pid}.`, {
    code: 'SERVICE_BUSY',
    exit: EXIT.busy,
    suggestions: ['Wait until that is done, then do it again.'],
  })
}
