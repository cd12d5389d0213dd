/**
 * A settings file's text with one setting put to a value: in its own line where it has one (the last, which counts), else
 * at the end. All else stays byte for byte.
 */
export function withSetting(text: string, name: string, value: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const lines = text.split(/\r?\n/)
  const own = new RegExp(`^\\s*(export\\s+)?${name}\\s*=`)
  const index = lines.findLastIndex((line) => own.test(line))
  if (index !== -1) {
    lines[index] = `${name}=${value}`
    return lines.join(newline)
  }
  const body = text === '' || /\n$/.test(text) ? text : text + newline
  return `${body}${name}=${value}${newline}`
}
