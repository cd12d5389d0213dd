import { messageOf } from '#core/errors.js'
import { changedAt } from '#core/platform/fs/files.js'
import type { Probed } from './poll.js'

/** Returns what probes whether a file's modification time moves, from now on. */
export function fileProbe(path: string): () => Probed {
  const read = (): number | undefined | Error => {
    try {
      return changedAt(path)
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error))
    }
  }
  let before = read()
  return () => {
    const now = read()
    if (now instanceof Error) return { is: 'silence', why: `BOT_PROOF_FILE can't be seen: ${now.message}` }
    const probed = judgeTime(now, before instanceof Error ? undefined : before)
    before = now
    return probed
  }
}

/** Judges the modification time of a file; undefined: there is none. */
export function judgeTime(now: number | undefined, before: number | undefined): Probed {
  if (now === undefined) return { is: 'silence', why: 'there is no BOT_PROOF_FILE' }
  if (now !== before) return { is: 'proof' }
  return { is: 'silence', why: 'BOT_PROOF_FILE has not been written', isUsual: true }
}
