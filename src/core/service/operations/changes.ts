/** A line of a definition that differs: as it is, and as it becomes. */
export interface Change {
  readonly is: string | undefined
  readonly becomes: string | undefined
}

/** Returns the lines in which two definitions differ, those of the same key side by side. */
export function changesBetween(current: string, desired: string): Change[] {
  const is = linesOf(current)
  const becomes = linesOf(desired)
  const gone = is.filter((line) => !becomes.includes(line))
  const added = becomes.filter((line) => !is.includes(line))
  const paired = gone.map((line): Change => {
    const index = added.findIndex((other) => keyOf(other) === keyOf(line))
    return { is: line, becomes: index === -1 ? undefined : added.splice(index, 1)[0] }
  })
  return [...paired, ...added.map((line) => ({ is: undefined, becomes: line }))]
}

/** Shows the changes as a person reads them. */
export function changesText(changes: readonly Change[]): string {
  if (changes.length === 0) return '(only blanks, or the order of lines)'
  return changes
    .flatMap(({ is, becomes }) => [
      ...(is === undefined ? [] : [`- ${is}`]),
      ...(becomes === undefined ? [] : [`+ ${becomes}`]),
    ])
    .join('\n')
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function keyOf(line: string): string {
  return line.split(/=|<\/key>/, 1)[0] as string // the key in a unit, or in a property list
}
