import { plainLine } from '#core/logging/plain.js'
import { type Clock, within } from '#core/system/clock.js'

/** Lines for a reader who takes none are kept up to this size; the log has them all. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024

/**
 * Shows log lines on the screen, readable or as JSON. Nothing that happens to a screen is a reason to wait or to end: a
 * terminal that is paused, a pipe that nobody reads, a full disk behind a redirection.
 */
export function logConsole(plain: boolean): (line: string) => void {
  const { stdout } = process
  const colour = stdout.isTTY === true && !process.env.NO_COLOR
  if (stdout.isTTY) neverBlock(stdout)
  return (line) => {
    if (stdout.writableLength >= MOST_WAITING_BYTES) return
    try {
      stdout.write(plain ? `${plainLine(line, colour)}\n` : line)
    } catch {
      // to a file node writes at once and throws; the log has the line
    }
  }
}

/** Node's writes to a terminal block, and one paused with Ctrl-S would freeze the bot. Only its handle can change that. */
function neverBlock(terminal: NodeJS.WriteStream): void {
  const { _handle: handle } = terminal as unknown as { _handle?: { setBlocking?(blocking: boolean): void } }
  handle?.setBlocking?.(false)
}

const PATIENCE_MS = 1000

/** Resolves when all that was shown has gone out; a reader who takes nothing is not waited for. */
export async function consoleDrained(clock: Clock): Promise<void> {
  await within(clock, PATIENCE_MS, Promise.all([process.stdout, process.stderr].map(drained)))
}

async function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writable) await new Promise<void>((resolve) => stream.write('', () => resolve()))
}
