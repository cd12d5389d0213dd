import { columnsOf, hasColors, print } from '#cli/screen.js'
import { fitted } from '#cli/width.js'
import { printable } from '#core/printable.js'
import type { ScreenLine } from './status-text.js'

/** Prints lines once, cut to the terminal's width. */
export function printLines(lines: readonly ScreenLine[]): void {
  const isColored = hasColors()
  for (const { text, color } of fittedLines(lines, columnsOf(process.stdout)))
    print(text, isColored ? color : undefined)
}

/** Cuts lines to the terminal's width, but none that is to be typed. */
export function fittedLines(lines: readonly ScreenLine[], columns: number | undefined): ScreenLine[] {
  return lines.map((line) => {
    const text = printable(line.text)
    return { ...line, text: columns === undefined || line.isWhole ? text : fitted(text, columns) }
  })
}
