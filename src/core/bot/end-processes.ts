import { type Clock, sleep } from '#core/system/clock.js'
import { signal } from '#core/system/processes.js'

const LOOK_MS = 50
/** A killed process is gone a moment later; one that was forked meanwhile is killed in the next round. */
const KILLING_MS = 1000

/** Ends what `find` finds: asks it, and kills what is still there after `graceMs`. A negative pid is a whole group. */
export async function endProcesses(
  clock: Clock,
  find: () => Promise<readonly number[]>,
  graceMs: number,
): Promise<void> {
  for (const pid of await find()) signal(pid, 'SIGTERM')
  const until = clock.monotonic() + graceMs
  while ((await find()).length > 0 && clock.monotonic() < until) await sleep(clock, LOOK_MS)
  const last = clock.monotonic() + KILLING_MS
  // at least once, however long a busy machine takes to look
  do {
    const left = await find()
    if (left.length === 0) return
    for (const pid of left) signal(pid, 'SIGKILL')
    await sleep(clock, LOOK_MS)
  } while (clock.monotonic() < last)
}
