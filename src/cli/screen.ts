import { styleText } from 'node:util'
import type { Color } from '#core/logging/read/plain.js'
import { printable, printableJson } from '#core/printable.js'

/**
 * The only way to the terminal: all output of commands goes through here, and nothing that others wrote (a tag, a log
 * line, an endpoint's answer, a setting) controls the terminal. Colors and the erasing of a line are added here, after
 * that.
 */

/** Returns whether stdout is a terminal that should have colors. */
export function hasColors(): boolean {
  return process.stdout.isTTY === true && !process.env.NO_COLOR
}

/** Returns a line of text for the screen, in a color if one is given. */
export function onScreen(text: string, color?: Color): string {
  const plain = printable(text)
  return color === undefined ? plain : styleText(color, plain, { validateStream: false })
}

/** Prints the result: a text of one or more lines. A screen that takes nothing is no reason to fail. */
export function print(text: string, color?: Color): void {
  console.log(onScreen(text, color))
}

/** Returns the width of a stream's terminal, in columns; undefined if it is no terminal: then nothing is ever cut. */
export function columnsOf(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY === true && stream.columns > 0 ? stream.columns : undefined
}

/** Prints a value as JSON. */
export function printJson(value: unknown): void {
  console.log(printableJson(JSON.stringify(value, null, 2)))
}

/** Prints a line of JSON as it is. */
export function printJsonLine(line: string): void {
  console.log(printableJson(line))
}

/** Prints a message beside the result, on stderr. */
export function talk(text: string): void {
  console.error(onScreen(text))
}

/**
 * Lets a closed pipe (`| head`) be no error. oclif's own listener throws what isn't EPIPE: a full disk behind `> file` would
 * end a bot.
 */
export function surviveClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error').on('error', () => {})
}

const ERASE_LINE = '\r\u001B[K'

/** Replaces the last line, which must have been shown so too; '' only removes it. */
export function redraw(line: string): void {
  if (process.stderr.isTTY === true) process.stderr.write(`${ERASE_LINE}${onScreen(line)}`)
}

const CONTROL = '\u001B['
/** Switches to the terminal's other screen, without a cursor (xterm's control sequences, DECSET 1049 and 25). */
const ENTER = `${CONTROL}?1049h${CONTROL}?25l`
const LEAVE = `${CONTROL}?25h${CONTROL}?1049l`
const TOP = `${CONTROL}H`
const ERASE_LINE_END = `${CONTROL}K`
const ERASE_BELOW = `${CONTROL}J`
/** Lets the terminal show a whole frame at once, where it knows how (DECSET 2026). */
const BEGIN_FRAME = `${CONTROL}?2026h`
const END_FRAME = `${CONTROL}?2026l`

/** The terminal's other screen, which leaves what was shown before as it was. */
export interface OtherScreen {
  enter(): void
  /** Draws lines over those of before: what is erased first would flicker. */
  draw(lines: readonly { readonly text: string; readonly color?: Color | undefined }[]): void
  leave(): void
}

/** Returns the other screen of a terminal. */
export function otherScreen(
  stdout: Pick<NodeJS.WriteStream, 'write'> = process.stdout,
  isColored = hasColors(),
): OtherScreen {
  return {
    enter: () => void stdout.write(ENTER),
    draw(lines) {
      const rows = lines.map(({ text, color }) => onScreen(text, isColored ? color : undefined) + ERASE_LINE_END)
      stdout.write(BEGIN_FRAME + TOP + rows.join('\r\n') + ERASE_BELOW + END_FRAME)
    },
    leave: () => void stdout.write(LEAVE),
  }
}
