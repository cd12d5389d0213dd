import { CatalystError, EXIT } from '#core/errors.js'
import { type Clock, sleep } from '#core/platform/clock.js'
import { exists } from '#core/platform/fs/files.js'
import { readJson } from '#core/platform/fs/json-file.js'
import { kindAt } from '#core/platform/fs/links.js'
import { createExclusively, OWNER_ONLY, retire, writeAtomically } from '#core/platform/fs/write-files.js'
import { pollUntil } from '#core/platform/poll.js'
import { isRunning, type ProcessId } from '#core/platform/process/process-id.js'
import { quoteWord } from '#core/text.js'

/** The holder of a lock. More may stand beside it in the lock file. */
export interface Holder extends ProcessId {
  /** A random id, new for each holder. */
  readonly instance: string
}

/**
 * The time after which a lock file without its holder's name is torn: a new one is empty for a moment, then its maker
 * has died.
 */
const WRITING_MS = 1000
const POLL_INTERVAL_MS = 25

export type Acquired<T extends Holder> = { readonly previous: T | undefined } | { readonly heldBy: T }

/** A lock tells of a process that runs, and after a power cut none does. */
const WRITE = { isFlushed: false }

/**
 * Takes the lock file for `mine`, or returns who holds it. The lock of a process that is gone is broken, and its holder
 * is returned as `previous`. A lock of its own decides who breaks it, so that two can't both think they did. Every
 * access to the files goes through `as`, so that root can act as their owner.
 * @throws CatalystError STATE_REFUSED if something else lies there, such as a link: it would never be ours
 */
export async function acquireLock<T extends Holder>(
  clock: Clock,
  path: string,
  mine: T,
  as: <R>(work: () => R) => R = (work) => work(),
): Promise<Acquired<T>> {
  const text = `${JSON.stringify(mine, null, 2)}\n`
  while (!as(() => createExclusively(path, text, WRITE))) {
    as(() => refuseOther(path))
    const found = await readHolder<T>(clock, path, as)
    if (found === 'gone') continue
    if (found !== 'torn' && (await isRunning(found))) return { heldBy: found }
    const breaking = `${path}.${found === 'torn' ? 'torn' : found.instance}.breaking`
    const turn = await acquireLock<Holder>(clock, breaking, mine, as)
    if ('heldBy' in turn) {
      await sleep(clock, POLL_INTERVAL_MS)
      continue
    }
    const broken = as(() => {
      const still = stillHeldBy(path, found)
      if (still) writeAtomically(path, text, OWNER_ONLY, WRITE)
      retire(breaking)
      return still
    })
    if (broken) return { previous: found === 'torn' ? undefined : found }
  }
  return { previous: undefined }
}

function refuseOther(path: string): void {
  const kind = kindAt(path)
  if (kind === undefined || kind === 'file') return
  throw new CatalystError(`${path} should be a lock file, but is a ${kind}. Nothing was done.`, {
    code: 'STATE_REFUSED',
    exit: EXIT.settings,
    suggestions: [`catalyst did not make it. Remove it: rm ${kind === 'folder' ? '-r ' : ''}${quoteWord(path)}`],
  })
}

/** Releases the lock, unless another process holds it by now. */
export function releaseLock(path: string, mine: Holder): void {
  if (readHolderNow(path)?.instance === mine.instance) retire(path)
}

async function readHolder<T extends Holder>(
  clock: Clock,
  path: string,
  as: <R>(work: () => R) => R,
): Promise<T | 'torn' | 'gone'> {
  const found = await pollUntil(clock, { intervalMs: POLL_INTERVAL_MS, timeoutMs: WRITING_MS }, () =>
    as(() => (exists(path) ? readHolderNow<T>(path) : 'gone')),
  )
  return found ?? 'torn'
}

function stillHeldBy(path: string, found: Holder | 'torn'): boolean {
  if (!exists(path)) return false
  const now = readHolderNow(path)
  return found === 'torn' ? now === undefined : now?.instance === found.instance
}

export function readHolderNow<T extends Holder>(path: string): T | undefined {
  return readJson<T>(
    path,
    (value) =>
      typeof value.instance === 'string' &&
      /^[\w-]{1,64}$/.test(value.instance) &&
      typeof value.pid === 'number' &&
      typeof value.started === 'number' &&
      typeof value.boot === 'string',
  )
}
