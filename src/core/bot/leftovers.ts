import type { BotFile } from '#core/state/bot-file.js'
import { type Clock, sleep } from '#core/system/clock.js'
import { isRunning, pidsWithEnvironment, signal, signalGroup } from '#core/system/processes.js'

const GRACE_MS = 5000
const LOOK_MS = 50

/**
 * Ends the program that a killed predecessor left running, so that never two work at once. The answer is how many
 * processes there were.
 */
export async function endLeftovers(clock: Clock, previous: BotFile): Promise<number> {
  const leftovers = async () => {
    const program = previous.program && (await isRunning(previous.program)) ? [previous.program.pid] : []
    return [...new Set([...program, ...pidsWithEnvironment('CATALYST_INSTANCE', previous.instance)])]
  }
  const found = await leftovers()
  for (const pid of found) signal(pid, 'SIGTERM')
  const until = clock.monotonic() + GRACE_MS
  let left = found
  while (left.length > 0 && clock.monotonic() < until) {
    await sleep(clock, LOOK_MS)
    left = await leftovers()
  }
  for (const pid of left) signal(pid, 'SIGKILL')
  if (process.platform !== 'win32' && left.length > 0 && previous.program) signalGroup(previous.program.pid, 'SIGKILL')
  return found.length
}
