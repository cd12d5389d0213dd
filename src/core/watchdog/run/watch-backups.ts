import type { Logger } from 'pino'
import type { AlertQueue } from '#core/alerts/queue.js'
import { takeDueAlert } from '#core/backup/backup-alert.js'
import { readBackupState } from '#core/backup/backup-state.js'
import { readConfig } from '#core/config/load.js'
import { messageOf } from '#core/errors.js'
import type { HomePaths } from '#core/home/home-paths.js'
import { type Clock, every } from '#core/platform/clock.js'
import { FaultLatch } from '#core/platform/fault-latch.js'

const INTERVAL_MS = 60_000

/** Alerts when the newest good backup of a home gets too old, and once when there is a new one; the answer ends that. */
export function watchBackups(
  clock: Clock,
  { paths, alerts, log }: { paths: HomePaths; alerts: Pick<AlertQueue, 'show'>; log: Logger },
): () => void {
  const fault = new FaultLatch((why) => why && log.warn(`the age of the backups can't be told: ${why}`))
  return every(clock, INTERVAL_MS, () => {
    try {
      if (readBackupState(paths) === undefined) return
      const due = takeDueAlert(paths, readConfig(paths.home, process.env).settings, clock.now())
      if (due !== undefined) {
        alerts.show(due.id, due.alert)
        log.warn(due.alert.description)
      }
      fault.set(undefined)
    } catch (error) {
      fault.set(messageOf(error))
    }
  })
}
