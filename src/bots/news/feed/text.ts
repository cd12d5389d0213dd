import sax from 'sax'

// Each `<` is scanned once, up to the next one: linear, also for megabytes of `<`.
const TAG = /<[/!?a-z][^<>]*>/gi
// Control characters would reach the terminal through the log, and bidi overrides reorder what the reader sees there.
const BLANK = /[\s\p{Cc}\u202a-\u202e\u2066-\u2069\ufeff]+/gu

/** Makes one line of plain text, at most `max` UTF-16 units long, from HTML or text: removes tags, decodes entities. */
export function plainText(raw: string, max: number): string {
  const bare = raw.includes('<') ? raw.replace(TAG, ' ') : raw
  const text = bare.includes('&') ? decodeEntities(bare) : bare
  return cutText(text.replace(BLANK, ' ').trim(), max)
}

/** Cuts to `max` UTF-16 units, with an ellipsis, never through the middle of a character. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text
  return `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

/**
 * Copies a string's characters. V8 keeps a slice as a reference into the whole, so a 40-character id would hold a
 * body of 3 MB in memory.
 */
export function own(text: string): string {
  return Buffer.from(text).toString()
}

const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z][a-z\d]{1,30}));/gi
const NAMED = (sax as unknown as { ENTITIES: Record<string, string> }).ENTITIES

/** Decodes HTML's entities, numbered and named; anything else stays as it is. */
function decodeEntities(text: string): string {
  return text.replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return Object.hasOwn(NAMED, name) ? (NAMED[name] as string) : whole
    const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
