/** A word of a command as it was written. */
interface Word {
  readonly text: string
  /** The part of it outside quotes. */
  readonly bare: string
  /** The part of it in double quotes. */
  readonly doubled: string
}

/**
 * Splits BOT_COMMAND into words. Blanks separate; single or double quotes group; within double quotes `\"` is a quote.
 * Any other backslash stands for itself, so Windows paths can be written as they are. Nothing is expanded.
 */
export function splitCommand(text: string): string[] | { fault: string } {
  const words = wordsOf(text)
  return 'fault' in words ? words : words.map((word) => word.text)
}

/** Returns the words of a command; none where it can't be split, which is a fault of the settings and said there. */
export function commandWords(text: string): readonly string[] {
  const words = splitCommand(text)
  return 'fault' in words ? [] : words
}

/** Returns these words as a command that {@link splitCommand} splits into them again. */
export function commandLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./\\-]+$/.test(word) ? word : inQuotes(word))).join(' ')
}

function inQuotes(word: string): string {
  return word
    .split("'")
    .map((part) => (part === '' ? '' : `'${part}'`))
    .join(`"'"`)
    .replace(/^$/, "''")
}

function wordsOf(text: string): Word[] | { fault: string } {
  const words: Word[] = []
  let word: Word | undefined
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word)
      word = undefined
      continue
    }
    const { text: before, bare, doubled } = word ?? { text: '', bare: '', doubled: '' }
    if (character === '"' || character === "'") {
      const quoted = readQuoted(text, at)
      if (quoted === undefined) return { fault: `a ${character} is not closed` }
      const inDoubled = character === '"' ? quoted.text : ''
      word = { text: before + quoted.text, bare, doubled: doubled + inDoubled }
      at = quoted.end
    } else {
      word = { text: before + character, bare: bare + character, doubled }
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

const OPERATOR = /^(?:&&|\|\|?|&|;|\d?[<>]{1,2}(?:&\d)?|&>)/
const VARIABLE = /\$(?:[A-Za-z_]\w*|\{|\()|`/
const WINDOWS_VARIABLE = /%[A-Za-z_]\w*%/
const ASSIGNMENT = /^([A-Za-z_]\w*)=/

/**
 * Returns what in a command only a shell would understand, since it is run without one, and what to write instead.
 * Quotes make an ordinary word of anything: single quotes mean their content as it is. The value itself is not
 * repeated.
 */
export function shellSyntax(
  text: string,
  platform: NodeJS.Platform = process.platform,
): { faults: string[]; hints: string[] } {
  const words = wordsOf(text)
  if ('fault' in words) return { faults: [], hints: [] }
  const shell = platform === 'win32' ? 'cmd /c "…"' : "sh -c '… && exec …'"
  const faults: string[] = []
  const operator = words.map(operatorOf).find((found) => found !== undefined)
  if (operator !== undefined)
    faults.push(
      `is run without a shell, so ${operator} would be passed on as a word. Name one program, or run a shell: ${shell}`,
    )
  const [first] = words as [Word, ...Word[]]
  const assigned = ASSIGNMENT.exec(first.bare)?.[1]
  if (assigned !== undefined)
    faults.push(`begins with ${assigned}=, which only a shell understands. Give ${assigned} a line of its own in .env`)
  if (/^~[\\/]/.test(first.bare)) faults.push('begins with ~, which only a shell understands. Write the full path')
  const isVariable = (part: string) => VARIABLE.test(part) || (platform === 'win32' && WINDOWS_VARIABLE.test(part))
  if (words.some(({ bare }) => isVariable(bare)))
    faults.push(
      'is run without a shell, so variables are not expanded. Write the value; single quotes keep the sign as it is',
    )
  else if (!isShell(first.text) && words.some(({ doubled }) => isVariable(doubled)))
    return { faults, hints: ['is run without a shell: a variable in double quotes is passed on as it stands'] }
  return { faults, hints: [] }
}

function operatorOf({ text, bare }: Word): string | undefined {
  if (bare.includes('&&')) return '&&'
  if (text.length > 1 && bare.endsWith(';')) return ';'
  return bare.startsWith(text[0] ?? '') ? OPERATOR.exec(bare)?.[0] : undefined
}

function isShell(program: string): boolean {
  return /^(?:.*[\\/])?(?:ba|da|k|z|fi)?sh$|^(?:.*[\\/])?(?:cmd|powershell|pwsh)(?:\.exe)?$/i.test(program)
}
