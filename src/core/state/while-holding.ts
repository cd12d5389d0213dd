import { randomUUID } from 'node:crypto'
import { codeOf } from '#core/errors.js'
import type { Clock } from '#core/system/clock.js'
import { thisProcess } from '#core/system/processes.js'
import { actingAs, type User } from '#core/system/users.js'
import { acquireLock, type Holder, releaseLock } from './lock.js'

export interface LockOptions<T extends Holder> {
  readonly path: string
  /** Whose the lock file is, whoever takes it. */
  readonly owner: User
  /** What stands in it beside its holder. */
  readonly details: Omit<T, keyof Holder>
  /** What is thrown when somebody else holds it. */
  readonly busy: (holder: T) => Error
  /** Told when the lock of a holder that is gone was broken. */
  readonly onBroken?: (previous: T) => void
  /** Where the lock can't be written, as on a full disk, the work is done without it. */
  readonly evenUnlocked?: boolean
}

const WITHOUT_LOCK = ['EROFS', 'ENOSPC', 'EDQUOT']

/** Does the work while nobody else holds this lock. A lock whose holder is dead is broken. */
export async function whileHolding<T extends Holder, R>(
  clock: Clock,
  options: LockOptions<T>,
  work: () => Promise<R>,
): Promise<R> {
  const { path, owner, details, busy, onBroken, evenUnlocked = false } = options
  const asOwner = <S>(deed: () => S) => actingAs(owner, deed)
  const mine = { ...thisProcess(), instance: randomUUID(), ...details } as unknown as T
  const acquired = await acquireLock(clock, path, mine, asOwner).catch((error) => {
    if (evenUnlocked && WITHOUT_LOCK.includes(codeOf(error) ?? '')) return { previous: undefined }
    throw error
  })
  if ('heldBy' in acquired) throw busy(acquired.heldBy)
  if (acquired.previous) onBroken?.(acquired.previous)
  try {
    return await work()
  } finally {
    asOwner(() => releaseLock(path, mine))
  }
}
