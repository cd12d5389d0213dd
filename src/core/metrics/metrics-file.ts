import { writeFault } from '#core/errors.js'
import { type Clock, within } from '#core/platform/clock.js'
import { FaultLatch } from '#core/platform/fault-latch.js'
import { replaceFile } from '#core/platform/fs/replace-file.js'

/** The shortest time between two writes: node exporter is scraped every few seconds at most. */
const BETWEEN_WRITES_MS = 5000
/** The limit of the last write: a disk that hangs must not keep the watchdog from its end. */
const LAST_WRITE_MS = 3000
/** Everybody can read it: node exporter runs as a user of its own. */
const MODE = 0o644

/** What keeps a file of metrics current. */
export interface MetricsFile {
  /** Writes the file in the background, at once or a moment after the last time, with what is known by then. */
  update(): void
  /** Resolves once the write that goes on, if one does, has ended. */
  written(): Promise<void>
  /** Writes it for the last time, as that of a watchdog that does not run. */
  close(): Promise<void>
}

/**
 * Returns what keeps the file at `path` current. A write never fails for the caller: `onFault` gets a fault once, and
 * undefined once it is over.
 */
export function metricsFile(
  clock: Clock,
  path: string,
  text: (isRunning: boolean) => Promise<string>,
  onFault: (fault: string | undefined) => void,
): MetricsFile {
  const latch = new FaultLatch(onFault)
  let writing: Promise<void> | undefined
  let writtenAt = Number.NEGATIVE_INFINITY
  const write = async (isRunning: boolean) => {
    try {
      await replaceFile(path, await text(isRunning), MODE)
      latch.set(undefined)
    } catch (error) {
      latch.set(`${path} can't be written: ${writeFault(error, path)}`)
    }
  }
  let cancel: (() => void) | undefined
  const begin = async () => {
    cancel = undefined
    if (writing !== undefined) return // a slow disk: the next check tries again
    writtenAt = clock.monotonic()
    writing = write(true)
    await writing
    writing = undefined
  }
  const written = async () => writing
  return {
    written,
    update() {
      cancel ??= clock.after(Math.max(0, writtenAt + BETWEEN_WRITES_MS - clock.monotonic()), () => void begin())
    },
    async close() {
      cancel?.()
      await within(
        clock,
        LAST_WRITE_MS,
        written().then(() => write(false)),
      )
    },
  }
}
