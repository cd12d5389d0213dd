import type { Color } from '#core/logging/read/plain.js'
import { printable } from '#core/printable.js'
import { countOf } from '#core/text.js'
import { columnsOf, print } from './screen.js'
import { fitted } from './width.js'

/** Prints rows that fit a terminal's width, unless they are requested whole. */
export class Rows {
  readonly #isFull: boolean
  #cut = 0

  constructor(isFull: boolean) {
    this.#isFull = isFull
  }

  print(text: string, color?: Color): void {
    const columns = this.#isFull ? undefined : columnsOf(process.stdout)
    if (columns === undefined) {
      print(text, color)
      return
    }
    const lines = printable(text).split('\n')
    const rows = lines.map((line) => fitted(line, columns))
    if (rows.some((row, index) => row !== lines[index])) this.#cut++
    print(rows.join('\n'), color)
  }

  /** Returns how to see what was cut; undefined if nothing was. */
  hint(command: string): string | undefined {
    return this.#cut === 0 ? undefined : `${countOf(this.#cut, 'line')} cut to fit. Whole: ${command} --full`
  }
}
