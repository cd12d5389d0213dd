import sax from 'sax'

/** A value of a property list, as far as it is of use here. */
export type PlistValue = string | number | boolean | readonly PlistValue[] | { readonly [key: string]: PlistValue }

const HEAD = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`

/**
 * Writes Apple's property list in XML (plist(5)). Numbers are whole. A key and its value share a line, so that each
 * line is complete in itself, and two lists can be compared line by line.
 */
export function writePlist(value: PlistValue): string {
  return `${HEAD}${element(value, '')}\n</plist>\n`
}

function element(value: PlistValue, indent: string): string {
  if (typeof value === 'string') return `<string>${escaped(value)}</string>`
  if (typeof value === 'number') return `<integer>${value}</integer>`
  if (typeof value === 'boolean') return `<${value}/>`
  const deeper = `${indent}  `
  const lines = Array.isArray(value)
    ? value.map((item) => element(item, deeper))
    : Object.entries(value).map(([key, item]) => `<key>${escaped(key)}</key> ${element(item, deeper)}`)
  const name = Array.isArray(value) ? 'array' : 'dict'
  return `<${name}>\n${lines.map((line) => `${deeper}${line}\n`).join('')}${indent}</${name}>`
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/**
 * Returns whether a property list can't hold the text: XML has no control characters, and reads a carriage return as a
 * line end.
 */
export function unfitForPlist(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  return /[\x00-\x1f\x7f]/.test(text)
}

interface Open {
  readonly made: PlistValue[] | Record<string, PlistValue>
  key: string
}

/**
 * Reads a property list in XML; returns undefined if the text is none, such as one in Apple's binary form. Numbers,
 * dates and data stay text.
 */
export function readPlist(text: string): PlistValue | undefined {
  const parser = sax.parser(true, { position: false })
  const top: PlistValue[] = []
  const open: Open[] = [{ made: top, key: '' }]
  let characters = ''
  let flawed = false
  const add = (value: PlistValue) => {
    const { made, key } = open.at(-1) as Open
    if (Array.isArray(made)) made.push(value)
    else made[key] = value
  }
  parser.onerror = () => {
    flawed = true
    parser.error = null as never // it would throw from now on
  }
  parser.ontext = parser.oncdata = (piece) => {
    characters += piece
  }
  parser.onopentag = ({ name }) => {
    characters = ''
    if (name === 'array') open.push({ made: [], key: '' })
    if (name === 'dict') open.push({ made: Object.create(null), key: '' })
  }
  parser.onclosetag = (name) => {
    if (name === 'plist') return
    if (name === 'array' || name === 'dict') add((open.pop() as Open).made)
    else if (name === 'key') (open.at(-1) as Open).key = characters
    else add(name === 'true' || name === 'false' ? name === 'true' : characters)
  }
  parser.write(text).close()
  return flawed ? undefined : top[0]
}
