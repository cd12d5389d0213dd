import { parseEnv } from 'node:util'

export interface EnvFile {
  readonly values: Readonly<Record<string, string>>
  /** The faults in it, by line; never a value. */
  readonly faults: readonly string[]
}

/**
 * Reads a `.env` with node's own parser. Where that one would guess or truncate (text after a closing quote, a line
 * without `=`, a `#` within a value, the NULs of a file saved as UTF-16), it reports a fault instead.
 */
export function parseEnvFile(text: string): EnvFile {
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  if (plain.includes('\0')) return { values: {}, faults: ['it holds NUL characters: save it as UTF-8'] }
  if (plain.includes('\uFFFD')) return { values: {}, faults: ['it is not UTF-8: save it as UTF-8'] }
  const { lines, faults } = inspect(plain.split('\n'))
  return { values: parseEnv(lines.join('\n')) as Record<string, string>, faults }
}

const NAME = /^(?:export\s+)?([A-Za-z_][\w.]*)\s*=[ \t]*/

/**
 * Finds the faults, and returns the lines as node 20's parser needs them: it stumbles over blanks before a name or a
 * comment. Lines inside a quoted value stay as they are.
 */
function inspect(given: readonly string[]): { lines: string[]; faults: string[] } {
  const lines: string[] = []
  const faults: string[] = []
  for (let index = 0; index < given.length; index++) {
    const number = index + 1
    const line = (given[index] ?? '').trim()
    if (line === '' || line.startsWith('#')) continue
    const match = NAME.exec(line)
    if (!match) {
      faults.push(`line ${number}: expected NAME=value`)
      continue
    }
    const name = match[1] as string
    const value = line.slice(match[0].length)
    const quote = /^["'`]/.exec(value)?.[0]
    if (quote === undefined) {
      if (/[^\s]#/.test(value.replace(/\s#.*/, '')))
        faults.push(`line ${number}: a # within the value of ${name} needs quotes around the value`)
      lines.push(`${name}=${value}`)
      continue
    }
    const first = value.slice(1)
    const more: string[] = []
    while (![first, ...more].join('\n').includes(quote) && index + 1 < given.length) more.push(given[++index] ?? '')
    const whole = [first, ...more].join('\n')
    const end = whole.indexOf(quote)
    if (end === -1) faults.push(`line ${number}: the value of ${name} has no closing ${quote}`)
    else if (!/^\s*(#.*)?$/.test(whole.slice(end + 1)))
      faults.push(`line ${index + 1}: text after the closing ${quote} of ${name}`)
    lines.push(`${name}=${quote}${whole}`)
  }
  return { lines, faults }
}
