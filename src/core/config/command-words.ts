/**
 * Splits BOT_COMMAND into words. Blanks separate; single or double quotes group; within double quotes `\"` is a quote.
 * Any other backslash stands for itself, so Windows paths can be written as they are. Nothing is expanded.
 */
export function splitCommand(text: string): string[] | { fault: string } {
  const words: string[] = []
  let word: string | undefined
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (character === '"' || character === "'") {
      const quoted = readQuoted(text, at)
      if (quoted === undefined) return { fault: `a ${character} is not closed` }
      word = (word ?? '') + quoted.text
      at = quoted.end
    } else {
      word = (word ?? '') + character
    }
  }
  if (word !== undefined) words.push(word)
  return words.length > 0 ? words : { fault: 'there is no program in it' }
}

function readQuoted(text: string, start: number): { text: string; end: number } | undefined {
  const quote = text[start]
  let inner = ''
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === quote) return { text: inner, end: at }
    if (quote === '"' && text[at] === '\\' && text[at + 1] === '"') at++
    inner += text[at]
  }
  return undefined
}
