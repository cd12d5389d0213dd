import type { Logger } from 'pino'
import { writeFault } from '#core/errors.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import type { HomePaths } from '#core/home/home-paths.js'
import type { Journal } from '#core/journal/journal.js'
import { bestEffort } from '#core/platform/best-effort.js'
import { FaultLatch } from '#core/platform/fault-latch.js'

/** Returns a journal whose writes may fail: that is a fault of the bot's health, and no reason to stop it. */
export function journalBestEffort(journal: Journal, write: BestEffort, onUnwritten: (kind: string) => void): Journal {
  return {
    append(kind, details) {
      if (!write('the journal', () => journal.append(kind, details))) onUnwritten(kind)
    },
    note: (kind, details) => write('the journal', () => journal.note(kind, details)),
  }
}

/** Returns whether it was written. */
export type BestEffort = (what: string, write: () => void) => boolean

/**
 * Returns what writes files of ours. A failed write, as on a full disk, is a fault until it works again, and is logged
 * once.
 */
export function bestEffortWrites({ home }: HomePaths, monitor: HealthMonitor, log: Logger): BestEffort {
  const latches = new Map<string, FaultLatch>()
  const latchOf = (what: string) => {
    const latch =
      latches.get(what) ??
      new FaultLatch((fault) => (fault ? log.error(fault) : log.info(`${what} can be written again`)))
    latches.set(what, latch)
    return latch
  }
  return (what, write) => {
    let fault: string | undefined
    const textOf = (error: unknown) => `${what} can't be written: ${writeFault(error, home)}`
    const isWritten = bestEffort(write, (text) => (fault = text), textOf)
    monitor.setFault(what, fault)
    latchOf(what).set(fault)
    return isWritten
  }
}
