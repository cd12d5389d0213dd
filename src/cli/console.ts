import { coloredLine } from '#core/logging/read/plain.js'
import { type Clock, within } from '#core/platform/clock.js'
import { printableJson } from '#core/printable.js'
import { hasColors, onScreen } from './screen.js'

/** The maximum size of lines that wait for a reader; the log has them all. */
const MOST_WAITING_BYTES = 4 * 1024 * 1024

/**
 * Shows log lines on the screen, readable or as JSON. Nothing that happens to a screen makes us wait or exit: a
 * terminal that is paused, a pipe that nobody reads, a full disk behind a redirection.
 */
export function logConsole(plain: boolean): (line: string) => void {
  const isColored = hasColors()
  return toScreen((line) => (plain ? readable(line, isColored) : printableJson(line)))
}

/** Shows lines that another process of ours has made ready for a screen; otherwise as {@link logConsole} does. */
export function lineConsole(): (line: string) => void {
  return toScreen((line) => `${line}\n`)
}

function toScreen(asShown: (line: string) => string): (line: string) => void {
  const { stdout } = process
  if (stdout.isTTY) neverBlock(stdout)
  return (line) => {
    if (stdout.writableLength >= MOST_WAITING_BYTES) return
    try {
      stdout.write(asShown(line))
    } catch {
      // for a file node writes at once and throws; the log has the line
    }
  }
}

function readable(line: string, isColored: boolean): string {
  const { text, color } = coloredLine(line)
  return `${onScreen(text, isColored ? color : undefined)}\n`
}

/**
 * Makes a terminal non-blocking: node's writes to one block, and one paused with Ctrl-S would freeze the bot. Only its
 * handle can change that.
 */
function neverBlock(terminal: NodeJS.WriteStream): void {
  const { _handle: handle } = terminal as unknown as { _handle?: { setBlocking?(blocking: boolean): void } }
  handle?.setBlocking?.(false)
}

const DRAIN_TIMEOUT_MS = 1000

/** Resolves when all output has gone out; a reader who takes nothing is not waited for. */
export async function consoleDrained(clock: Clock): Promise<void> {
  await within(clock, DRAIN_TIMEOUT_MS, Promise.all([process.stdout, process.stderr].map(drained)))
}

async function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writable) await new Promise<void>((resolve) => stream.write('', () => resolve()))
}
