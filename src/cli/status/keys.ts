/** A key that was pressed: a character, or the name of one that has none. */
export type Key = string

const NAMES: Readonly<Record<string, Key>> = {
  '\u0003': 'ctrl-c',
  '\u001A': 'ctrl-z',
  '\u001B': 'escape',
  '\r': 'enter',
  '\n': 'enter',
}

/** The last letters of the control sequences that a terminal sends for keys (xterm's cursor keys; ECMA-48, CSI). */
const SEQUENCES: Readonly<Record<string, Key>> = { A: 'up', B: 'down', H: 'home', F: 'end' }

// biome-ignore lint/suspicious/noControlCharactersInRegex: those that a terminal sends
const KEY = /\u001B(?:\[[0-9;]*|O)([A-Za-z~])|./gsu

/** Returns the keys in what a terminal sent. Sequences that mean nothing here are left out. */
export function keysOf(sent: string): Key[] {
  return [...sent.matchAll(KEY)].flatMap(([text, letter]) =>
    letter === undefined ? [NAMES[text] ?? text] : (SEQUENCES[letter] ?? []),
  )
}
