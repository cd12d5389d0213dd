import { messageOf } from '#core/errors.js'
import { readJson } from '#core/state/json-file.js'
import type { Clock } from '#core/system/clock.js'
import { writeAtomically } from '#core/system/files.js'
import { areCounters, type KeptCounters, NO_COUNTS } from './counters.js'

const BETWEEN_WRITES_MS = 1000

/** Keeps the day's and the week's counts across restarts; written at most once a second. */
export function keepCounters(clock: Clock, path: string, onFault: (fault: string | undefined) => void) {
  let pending: KeptCounters | undefined
  let cancel: (() => void) | undefined
  const write = () => {
    cancel?.()
    cancel = undefined
    if (pending === undefined) return
    try {
      writeAtomically(path, `${JSON.stringify(pending)}\n`)
      pending = undefined
      onFault(undefined)
    } catch (error) {
      onFault(`the counters can't be kept: ${messageOf(error)}`)
    }
  }
  return {
    read(): KeptCounters {
      try {
        return readJson<KeptCounters>(path, areCounters) ?? NO_COUNTS
      } catch {
        return NO_COUNTS // not readable; that it isn't writable either will be said
      }
    },
    changed(counters: KeptCounters): void {
      pending = counters
      cancel ??= clock.after(BETWEEN_WRITES_MS, write)
    },
    /** Writes what still waits. */
    flush: write,
  }
}
