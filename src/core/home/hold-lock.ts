import { codeOf } from '#core/errors.js'
import { bestEffort } from '#core/platform/best-effort.js'
import type { Clock } from '#core/platform/clock.js'
import { newInstance } from '#core/platform/process/new-instance.js'
import { thisProcess } from '#core/platform/process/process-id.js'
import { tell } from '#core/platform/process/stderr.js'
import { actingAs, type User } from '#core/platform/process/users.js'
import { acquireLock, type Holder, releaseLock } from './lock.js'

export interface LockOptions<T extends Holder> {
  readonly path: string
  /** The owner of the lock file, whoever takes it. */
  readonly owner: User
  /** The details in it beside its holder. */
  readonly details: Omit<T, keyof Holder>
  /** Makes the error for a lock that is held. */
  readonly busy: (holder: T) => Error
  /** Called when the lock of a holder that is gone was broken. */
  readonly onBroken?: (previous: T) => void
  /** True to go on without the lock if that can't be written, as on a full disk. */
  readonly evenUnlocked?: boolean
}

const WITHOUT_LOCK = ['EROFS', 'ENOSPC', 'EDQUOT']

/**
 * Takes a lock, and holds it to the end of the caller's scope: `using lock = await holdLock(…)`. A lock whose holder is
 * dead is broken.
 * @throws the error that `busy` makes
 */
export async function holdLock<T extends Holder>(clock: Clock, options: LockOptions<T>): Promise<Disposable> {
  const { path, owner, details, busy, onBroken, evenUnlocked = false } = options
  const asOwner = <S>(work: () => S) => actingAs(owner, work)
  const mine = { ...thisProcess(), instance: newInstance(), ...details } as unknown as T
  const acquired = await acquireLock(clock, path, mine, asOwner).catch((error) => {
    if (evenUnlocked && WITHOUT_LOCK.includes(codeOf(error) ?? '')) return { previous: undefined }
    throw error
  })
  if ('heldBy' in acquired) throw busy(acquired.heldBy)
  if (acquired.previous) onBroken?.(acquired.previous)
  // one that stays is broken by the next: what was done under it counts, and its own error
  const release = () =>
    bestEffort(
      () => asOwner(() => releaseLock(path, mine)),
      (fault) => tell(`${path} stays: ${fault}`),
    )
  return { [Symbol.dispose]: release }
}
