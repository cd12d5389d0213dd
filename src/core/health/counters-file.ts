import { writeFault } from '#core/errors.js'
import type { Clock } from '#core/platform/clock.js'
import { readJson } from '#core/platform/fs/json-file.js'
import { writeAtomically } from '#core/platform/fs/write-files.js'
import { areCounters, NO_COUNTS, type SavedCounters } from './counters.js'

const BETWEEN_WRITES_MS = 1000

/** Returns the store of the day's and the week's counts across restarts, which writes at most once a second. */
export function keepCounters(clock: Clock, path: string, onFault: (fault: string | undefined) => void) {
  let pending: SavedCounters | undefined
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
      onFault(`the counters can't be written: ${writeFault(error, path)}`)
    }
  }
  return {
    read(): SavedCounters {
      try {
        return readJson<SavedCounters>(path, areCounters) ?? NO_COUNTS
      } catch {
        return NO_COUNTS // not readable; that it isn't writable either is reported later
      }
    },
    changed(counters: SavedCounters): void {
      pending = counters
      cancel ??= clock.after(BETWEEN_WRITES_MS, write)
    },
    /** Writes what still waits. */
    flush: write,
  }
}
