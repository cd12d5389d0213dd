import { type Clock, sleep } from '#core/system/clock.js'
import { createExclusively, exists, OWNER_ONLY, readText, removeFile, writeAtomically } from '#core/system/files.js'
import { isRunning, type ProcessId } from '#core/system/processes.js'
import { readJson } from './json-file.js'

/** Who holds a lock. More may stand beside it in the lock file. */
export interface Holder extends ProcessId {
  /** Random, new for each holder. */
  readonly instance: string
}

/** A file made a moment ago is empty until its holder's name is written; after this long the maker has died. */
const WRITING_MS = 1000
const LOOK_AGAIN_MS = 25

export type Acquired<T extends Holder> = { readonly previous: T | undefined } | { readonly heldBy: T }

/**
 * Takes the lock file for `mine`, or says who holds it. The lock of a process that is gone is broken, and what it held
 * comes back as `previous`. Who breaks it is decided by a lock of its own, so that two can't both think they did. Every
 * access to the files goes through `as`, so that root can do it as their owner.
 */
export async function acquireLock<T extends Holder>(
  clock: Clock,
  path: string,
  mine: T,
  as: <R>(work: () => R) => R = (work) => work(),
): Promise<Acquired<T>> {
  const text = `${JSON.stringify(mine, null, 2)}\n`
  while (!as(() => createExclusively(path, text))) {
    const found = await readHolder<T>(clock, path, as)
    if (found === 'gone') continue
    if (found !== 'torn' && (await isRunning(found))) return { heldBy: found }
    const breaking = `${path}.${found === 'torn' ? 'torn' : found.instance}.breaking`
    const turn = await acquireLock<Holder>(clock, breaking, mine, as)
    if ('heldBy' in turn) {
      await sleep(clock, LOOK_AGAIN_MS)
      continue
    }
    const broken = as(() => {
      const still = stillHeldBy(path, found)
      if (still) writeAtomically(path, text, OWNER_ONLY)
      removeFile(breaking)
      return still
    })
    if (broken) return { previous: found === 'torn' ? undefined : found }
  }
  return { previous: undefined }
}

/** Gives the lock back, unless it is another's by now. */
export function releaseLock(path: string, mine: Holder): void {
  if (readHolderNow(path)?.instance === mine.instance) removeFile(path)
}

async function readHolder<T extends Holder>(
  clock: Clock,
  path: string,
  as: <R>(work: () => R) => R,
): Promise<T | 'torn' | 'gone'> {
  const until = clock.monotonic() + WRITING_MS
  do {
    if (!as(() => exists(path))) return 'gone'
    const holder = as(() => readHolderNow<T>(path))
    if (holder !== undefined) return holder
    await sleep(clock, LOOK_AGAIN_MS)
  } while (clock.monotonic() < until)
  return 'torn'
}

function stillHeldBy(path: string, found: Holder | 'torn'): boolean {
  const text = readText(path)
  if (text === undefined) return false
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
