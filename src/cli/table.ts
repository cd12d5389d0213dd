import { printable } from '#core/printable.js'
import { widthOf } from './width.js'

/**
 * Formats rows of text in columns, two blanks apart; no blanks at a line's end. A cell stays on its line, whatever it
 * holds.
 */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(inOneLine))
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function inOneLine(text: string): string {
  return printable(text.replaceAll('\r\n', '\n').replaceAll('\n', '\\n').replaceAll('\t', ' '))
}
