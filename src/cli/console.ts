import { plainLine } from '#core/logging/plain.js'
import { type Clock, within } from '#core/system/clock.js'

/** Lines for a reader who takes none are kept up to this size; the log has them all. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024

/** Shows log lines on the screen, readable or as JSON. A stuck terminal or pipe is no reason to wait. */
export function logConsole(plain: boolean): (line: string) => void {
  const { stdout } = process
  const colour = stdout.isTTY === true && !process.env.NO_COLOR
  return (line) => {
    if (stdout.writableLength < MOST_WAITING_BYTES) stdout.write(plain ? `${plainLine(line, colour)}\n` : line)
  }
}

const PATIENCE_MS = 1000

/** Resolves when all that was shown has gone out; a reader who takes nothing is not waited for. */
export async function consoleDrained(clock: Clock): Promise<void> {
  const { stdout } = process
  if (!stdout.writable) return
  await within(clock, PATIENCE_MS, new Promise<true>((resolve) => stdout.write('', () => resolve(true))))
}
