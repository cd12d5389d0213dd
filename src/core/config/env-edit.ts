import { parseEnvFile } from './env-file.js'

/**
 * A settings file's text with one setting put to a value: in its own line where that is enough, else in a new one at the
 * end, which counts. All else stays byte for byte.
 */
export function withSetting(text: string, name: string, value: string): string {
  const inItsLine = replaceLast(text, new RegExp(`^[ \\t]*(export[ \\t]+)?${name}[ \\t]*=.*`, 'gm'), `${name}=${value}`)
  // such a line may be within another's value, or its value may go on in the next
  return inItsLine !== undefined && onlyChanges(text, inItsLine, name, value)
    ? inItsLine
    : withLine(text, `${name}=${value}`)
}

function replaceLast(text: string, line: RegExp, by: string): string | undefined {
  const last = [...text.matchAll(line)].at(-1)
  if (last === undefined) return undefined
  const found = last[0].replace(/\r$/, '')
  return text.slice(0, last.index) + by + text.slice(last.index + found.length)
}

function onlyChanges(before: string, after: string, name: string, value: string): boolean {
  const [was, is] = [parseEnvFile(before), parseEnvFile(after)]
  const wanted = { ...was.values, [name]: value }
  const names = new Set([...Object.keys(wanted), ...Object.keys(is.values)])
  return is.faults.length <= was.faults.length && [...names].every((one) => is.values[one] === wanted[one])
}

function withLine(text: string, line: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  return `${text}${text === '' || text.endsWith('\n') ? '' : newline}${line}${newline}`
}

/** A settings file's text without one setting. All else stays; a line that can't be told apart is emptied instead. */
export function withoutSetting(text: string, name: string): string {
  if (!(name in parseEnvFile(text).values)) return text
  const shorter = text.replace(new RegExp(`${placeOf(name)}(\\r?\\n|$)`, 'gm'), '')
  const [was, is] = [parseEnvFile(text), parseEnvFile(shorter)]
  const { [name]: _gone, ...rest } = was.values
  const isExact =
    is.faults.length <= was.faults.length &&
    Object.keys(is.values).length === Object.keys(rest).length &&
    Object.entries(rest).every(([key, value]) => is.values[key] === value)
  return isExact ? shorter : withLine(text, `${name}=`)
}

/** Where a setting stands, as a regular expression: its line, or those that its quoted value goes on in. */
function placeOf(name: string): string {
  return `^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=[ \\t]*(?:(["'\`])[^]*?\\1.*|.*)`
}
