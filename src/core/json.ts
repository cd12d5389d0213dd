/** The fields of a JSON object, whose values may be anything. */
export type Fields = Readonly<Record<string, unknown>>

/** Returns whether a value is an object, and no list. */
export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the object that a text holds as JSON; undefined where it holds none, such as the HTML of an error page. */
export function objectIn(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
