import truncatedWidth from 'fast-string-truncated-width'

/** Returns how many columns of a terminal a text takes: a wide character takes two, a combining one none. */
export function widthOf(text: string): number {
  return truncatedWidth(text).width
}

const ELLIPSIS = '…'

/** Returns a line that takes at most so many columns; one that is cut ends with `…`. */
export function fitted(line: string, columns: number): string {
  if (widthOf(line) <= columns) return line
  let kept = ''
  const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' }) // the first one is slow: only where needed
  for (const { segment } of graphemes.segment(line)) {
    if (widthOf(kept + segment) >= columns) break
    kept += segment
  }
  return kept + ELLIPSIS
}
