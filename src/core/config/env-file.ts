import { parseEnv } from 'node:util'

export interface EnvFile {
  readonly values: Readonly<Record<string, string>>
  /** What is wrong with it, by line; never a value. */
  readonly faults: readonly string[]
}

/**
 * Reads a `.env` with node's own parser. Where that one would guess (text after a closing quote, a line without `=`,
 * a NUL from a file saved as UTF-16), we say so instead.
 */
export function parseEnvFile(text: string): EnvFile {
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  if (plain.includes('\0')) return { values: {}, faults: ['it holds NUL characters: save it as UTF-8'] }
  if (plain.includes('\uFFFD')) return { values: {}, faults: ['it is not UTF-8: save it as UTF-8'] }
  return { values: parseEnv(plain) as Record<string, string>, faults: faultsOf(plain) }
}

const NAME = /^\s*(?:export\s+)?([A-Za-z_][\w.]*)\s*=\s*/

function faultsOf(text: string): string[] {
  const faults: string[] = []
  const lines = text.split('\n')
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? ''
    if (/^\s*(#|$)/.test(line)) continue
    const name = NAME.exec(line)
    if (!name) {
      faults.push(`line ${index + 1}: expected NAME=value`)
      continue
    }
    const value = line.slice(name[0].length)
    const quote = /^["'`]/.exec(value)?.[0]
    if (quote === undefined) continue
    // a quoted value may go on over the next lines
    const start = index
    let rest = value.slice(1)
    while (!rest.includes(quote) && index + 1 < lines.length) rest += `\n${lines[++index]}`
    const end = rest.indexOf(quote)
    if (end === -1) {
      faults.push(`line ${start + 1}: the value of ${name[1]} has no closing ${quote}`)
      break
    }
    if (!/^\s*(#.*)?$/s.test(rest.slice(end + 1))) {
      faults.push(`line ${index + 1}: text after the closing ${quote} of ${name[1]}`)
    }
  }
  return faults
}
