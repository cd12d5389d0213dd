/**
 * The characters that could control a terminal: the control characters of C0 and C1 but for newline and tab, and those
 * that change the direction of what follows (U+202A–202E, U+2066–2069), so that a line reads as another one.
 */
const STEERING = /[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/gu

/** Returns a text that can't control a terminal: such characters are written out as `\x1b` or `\u202e`. */
export function printable(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(STEERING, (sign) => {
    const code = sign.charCodeAt(0)
    return code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`
  })
}

/** Returns a text as one line that can't control a terminal, of at most this many characters. */
export function oneLine(text: string, limit = Number.POSITIVE_INFINITY): string {
  return printable(text.replace(/\s+/g, ' ')).trim().slice(0, limit)
}

/**
 * Returns JSON that can't control a terminal, with the same meaning: JSON allows DEL, C1 and directions within its
 * strings.
 */
export function printableJson(json: string): string {
  return json.replace(STEERING, (sign) => `\\u${hex(sign.charCodeAt(0), 4)}`)
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0')
}
