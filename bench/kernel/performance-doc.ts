/** Returns the text with what stands between a section's markers replaced. @throws an Error where they are missing */
export function withResults(text: string, section: string, results: string): string {
  const [begin, end] = [`<!-- bench:${section} -->`, `<!-- /bench:${section} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`it has no lines ${begin} and ${end}, between which the results go`)
  return `${text.slice(0, from + begin.length)}\n${results.trim()}\n${text.slice(to)}`
}
