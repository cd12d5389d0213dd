import { carryOutOrders } from '#core/snapshots/carry-out-orders.js'
import { readOrders } from '#core/snapshots/data-orders.js'
import type { Run } from './run.js'

/** The time after which the start is announced to take longer: most data is copied sooner. */
const LONG_MS = 2000
/** The time for which it is announced, and after which it is announced anew. */
const EXTENSION_MS = 600_000
const RENEWED_MS = 300_000

/**
 * Does what a deployment has ordered for the data, before the bot first runs on it: a snapshot, or one that comes back.
 * Meanwhile the bot answers that it is starting, and why.
 * @throws CatalystError SNAPSHOT_FAILED, DATA_IN_USE, SETTINGS_INVALID
 */
export async function bringData(run: Run): Promise<void> {
  const { clock, paths, release, monitor, log, journal, stopRequest, ready } = run
  if (readOrders(paths).length === 0) return
  const began = clock.monotonic()
  let last = ''
  let announceAt = began + LONG_MS
  try {
    await carryOutOrders(clock, paths, {
      release: release?.name ?? null,
      folders: release === undefined ? [paths.home] : [release.folder, paths.home],
      signal: stopRequest.signal,
      onProgress(text) {
        monitor.setDelay(`it ${text}`)
        ready()
        if (clock.monotonic() >= announceAt) {
          monitor.announced.starting(EXTENSION_MS / 1000, text)
          announceAt = clock.monotonic() + RENEWED_MS
        }
        if (text !== last) log.info(`the start of the bot ${text}`)
        last = text
      },
      journal: journal.append,
    })
  } finally {
    monitor.endDelay()
    // the time of the bot itself begins only now
    const isLong = clock.monotonic() - began >= LONG_MS
    monitor.announced.starting(isLong ? run.config.settings.BOT_START_TIMEOUT : 0, 'its data was copied first')
  }
}
