import type { Unended } from '#core/home/bot-file.js'
import type { Clock } from '#core/platform/clock.js'
import { endProcesses } from '#core/platform/process/end-processes.js'
import { isRunning } from '#core/platform/process/process-id.js'
import { findPidsWithEnvironment } from '#core/platform/process/signals.js'

const GRACE_MS = 5000

/**
 * Ends the program that a killed predecessor left running, so that never two work at once. Returns how many processes
 * there were.
 */
export async function endLeftovers(clock: Clock, previous: Pick<Unended, 'instance' | 'program'>): Promise<number> {
  const { program, instance } = previous
  const find = async () => {
    // its group only while it leads it: once it is gone, the number may be another's
    const leads = program !== undefined && (await isRunning(program))
    const known = leads ? [process.platform === 'win32' ? program.pid : -program.pid] : []
    return [...known, ...(await findPidsWithEnvironment('CATALYST_INSTANCE', instance))]
  }
  const count = new Set((await find()).map(Math.abs)).size
  if (count > 0) await endProcesses(clock, find, GRACE_MS)
  return count
}
