import { isAbsolute, posix, resolve, win32 } from 'node:path'

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

/**
 * Where the program is: a name alone is left to PATH, a path is relative to `folder`. On Windows a virtual environment's
 * `.venv/bin/x` is `.venv\Scripts\x.exe`, so that one BOT_COMMAND serves every platform.
 */
export function locateProgram(program: string, folder: string, platform: NodeJS.Platform): string {
  const path = platform === 'win32' ? windowsProgram(program) : program
  if (platform === 'win32') return /[\\/]/.test(path) ? win32.resolve(folder, path) : path
  return path.includes(posix.sep) ? (isAbsolute(path) ? path : resolve(folder, path)) : path
}

function windowsProgram(program: string): string {
  const match = /^(.*?)(\.?venv)[\\/]bin[\\/]([^\\/]+?)(\.exe)?$/i.exec(program)
  return match ? win32.join(match[1] ?? '', match[2] as string, 'Scripts', `${match[3]}.exe`) : program
}
