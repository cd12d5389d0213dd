import { type Clock, sleep } from '#core/platform/clock.js'
import { pollUntil } from '#core/platform/poll.js'
import { signal } from './signals.js'

const POLL_INTERVAL_MS = 50
/**
 * The time that killing takes: a killed process is gone a moment later; one that was forked meanwhile is killed in the
 * next round.
 */
const KILLING_MS = 1000

/**
 * Stops what `find` finds: asks it to exit, and kills what is left after `graceMs`. A negative pid is a whole group.
 */
export async function endProcesses(
  clock: Clock,
  find: () => Promise<readonly number[]>,
  graceMs: number,
): Promise<void> {
  const found = await find()
  if (found.length === 0) return
  for (const pid of found) signal(pid, 'SIGTERM')
  const isGone = async () => (await find()).length === 0 || undefined
  if (await pollUntil(clock, { intervalMs: POLL_INTERVAL_MS, timeoutMs: graceMs }, isGone)) return
  const last = clock.monotonic() + KILLING_MS
  // at least once, however long a busy machine takes to list them
  do {
    const left = await find()
    if (left.length === 0) return
    for (const pid of left) signal(pid, 'SIGKILL')
    await sleep(clock, POLL_INTERVAL_MS)
  } while (clock.monotonic() < last)
}
