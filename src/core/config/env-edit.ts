import { isDeepStrictEqual } from 'node:util'
import { type EnvFile, parseEnvFile } from './env-file.js'

/**
 * Returns a settings file's text with one setting changed: in its own line if that is enough, else in a new one at the
 * end, which takes precedence. All else stays byte for byte.
 */
export function withSetting(text: string, name: string, value: string): string {
  const before = parseEnvFile(text)
  const inItsLine = replaceLast(text, new RegExp(`^[ \\t]*(export[ \\t]+)?${name}[ \\t]*=.*`, 'gm'), `${name}=${value}`)
  // such a line may be within another's value, or its value may go on in the next
  return inItsLine !== undefined && hasExactly(inItsLine, { ...before.values, [name]: value }, before)
    ? inItsLine
    : withLine(text, `${name}=${value}`)
}

function replaceLast(text: string, line: RegExp, by: string): string | undefined {
  const last = [...text.matchAll(line)].at(-1)
  if (last === undefined) return undefined
  const found = last[0].replace(/\r$/, '')
  return text.slice(0, last.index) + by + text.slice(last.index + found.length)
}

/** Returns whether a text has these settings and no others, and no more faults than before. */
function hasExactly(text: string, expected: EnvFile['values'], before: EnvFile): boolean {
  const { values, faults } = parseEnvFile(text)
  return faults.length <= before.faults.length && isDeepStrictEqual({ ...values }, expected)
}

function withLine(text: string, line: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  return `${text}${text === '' || text.endsWith('\n') ? '' : newline}${line}${newline}`
}

/**
 * Returns a settings file's text without one setting. All else stays; a line that can't be isolated is emptied instead.
 */
export function withoutSetting(text: string, name: string): string {
  const before = parseEnvFile(text)
  const { [name]: gone, ...rest } = before.values
  if (gone === undefined) return text
  const shorter = text.replace(new RegExp(`${placeOf(name)}(\\r?\\n|$)`, 'gm'), '')
  return hasExactly(shorter, rest, before) ? shorter : withLine(text, `${name}=`)
}

/** Returns a regular expression for the place of a setting: its line, or those that its quoted value spans. */
function placeOf(name: string): string {
  return `^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*(?:(["'\`])[^]*?\\1.*|.*)`
}

/** Returns a value as it is written in the file, so that it is read back as it was. */
export function quotedValue(value: string): string {
  const asIs = (text: string) => {
    const { values, faults } = parseEnvFile(`X=${text}\n`)
    return values.X === value && faults.length === 0
  }
  return [value, `'${value}'`, `"${value}"`, `\`${value}\``].find(asIs) ?? `"${value.replaceAll('\n', '\\n')}"`
}
