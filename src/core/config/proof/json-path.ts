/** A path to a value in JSON: names of members, and indexes of lists. */
export type JsonPath = readonly (string | number)[]

const PART = /\.([^.[\]\s]+)|\[(\d{1,9})\]/y

/** Parses a path such as `.bot.last_process_ts` or `.queues[0].done`; undefined where the text is none. */
export function parsePath(text: string): JsonPath | undefined {
  const path: (string | number)[] = []
  PART.lastIndex = 0
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text)
    if (match === null) return undefined
    path.push(match[1] ?? Number(match[2]))
  }
  return path.length === 0 ? undefined : path
}

/** Returns the value at a path; undefined where there is none. */
export function valueAt(json: unknown, path: JsonPath): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) !== (typeof part === 'number'))
      return undefined
    return Object.hasOwn(value, part) ? (value as Record<string | number, unknown>)[part] : undefined
  }, json)
}
