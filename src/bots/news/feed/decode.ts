/**
 * Decodes a feed's bytes into text. UTF-8 comes first if the bytes allow it, because feeds that declare another charset
 * out of habit are more common than foreign bytes that happen to be valid UTF-8. Then the charset of Content-Type or of
 * the XML declaration, then windows-1252, which can read anything.
 * @param contentType the Content-Type header, if there was one
 */
export function decodeFeed(bytes: Uint8Array, contentType = ''): string {
  const utf16 = utf16Label(bytes)
  if (utf16) return decode(bytes, utf16, false) ?? ''
  const utf8 = decode(bytes, 'utf-8', true)
  if (utf8 !== undefined) return utf8
  for (const label of [charsetOf(contentType), encodingOf(bytes)]) {
    // A label that says UTF-8 was proven wrong above.
    if (!label || /^(utf-?8|unicode-1-1-utf-8)$/i.test(label)) continue
    const text = decode(bytes, label, false)
    if (text !== undefined) return text
  }
  return decode(bytes, 'windows-1252', false) ?? ''
}

/**
 * Decodes bytes. `stream` tolerates the end: a body that was cut in the middle of a character is not invalid for it.
 */
function decode(bytes: Uint8Array, label: string, fatal: boolean): string | undefined {
  try {
    return new TextDecoder(label, { fatal }).decode(bytes, { stream: true })
  } catch {
    // An unknown label, or bytes that are not valid in it.
    return undefined
  }
}

/** Recognizes UTF-16 by byte-order mark, or by a first `<` that is two bytes wide. */
function utf16Label(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return 'utf-16le'
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return 'utf-16be'
  return undefined
}

function charsetOf(contentType: string): string | undefined {
  return /;\s*charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(contentType)?.[1]
}

function encodingOf(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1')
  return /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.:-]{1,40})/i.exec(head)?.[1]
}
