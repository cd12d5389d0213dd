import { type Command, Parser } from '@oclif/core'
import { COMMANDS } from '../../src/main.js'

/** A command of ours as somebody is told to type it, without its first word. */
export interface Typed {
  readonly text: string
  /** Typed as it stands; within a sentence a mere topic may be meant. */
  readonly isTyped: boolean
}

/** The ids of all commands, in words. */
export const COMMAND_WORDS = Object.keys(COMMANDS).map((id) => id.split(':'))

/** What a shell makes of the line: the words up to a comment, or to the next program. */
function words(line: string): string[] {
  const found: string[] = []
  for (const [token] of line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'|;&<>]|<[\w -]+>)+|[|;&<>]/g)) {
    if (/^[#|;&<>]/.test(token) && !/^<[\w -]+>$/.test(token)) break
    found.push(token.replace(/["']/g, ''))
  }
  return found
}

/** Stands for a value: NAME, <name>. It fits if it does as it is, or as a number. */
const isPlaceholder = (word: string) => /^([A-Z][A-Z_-]+|<[\w -]+>)$/.test(word)
/** The rest is left out. */
const ELLIPSIS = '…'

const ids = COMMAND_WORDS
const begins = (words: readonly string[], start: readonly string[]) => start.every((word, at) => words[at] === word)

/** Why this is no command of ours; undefined when it is one. */
export async function faultOf({ text, isTyped }: Typed): Promise<string | undefined> {
  const all = words(text)
  const isCut = all.includes(ELLIPSIS)
  const given = isCut ? all.slice(0, all.indexOf(ELLIPSIS)) : all
  const [first = ''] = given
  if (/^--(help|version)$/.test(first) || (isPlaceholder(first) && given.includes('--help'))) return undefined
  const id = ids.find((known) => begins(given, known))
  if (id === undefined) {
    const isTopic = given.length > 0 && ids.some((known) => known.length > given.length && begins(known, given))
    return isTopic && (isCut || !isTyped) ? undefined : 'no such command'
  }
  const argv = given.slice(id.length)
  const command = COMMANDS[id.join(':') as keyof typeof COMMANDS] as Command.Class
  const fault = await parseFault(command, argv, isCut)
  if (fault === undefined || !argv.some(isPlaceholder)) return fault
  const asNumbers = argv.map((word) => (isPlaceholder(word) ? '1' : word))
  return (await parseFault(command, asNumbers, isCut)) && fault
}

/** oclif's own parser, by the command's own flags and arguments; nothing is run. */
async function parseFault(command: Command.Class, argv: string[], isCut: boolean): Promise<string | undefined> {
  const { baseFlags, flags, args, strict, enableJsonFlag } = command
  const json = enableJsonFlag ? { json: { type: 'boolean', allowNo: false } } : {}
  const options = { flags: { ...json, ...baseFlags, ...flags }, args, strict, '--': true }
  try {
    await Parser.parse(
      argv.filter((word) => word !== '--help'),
      options as Parameters<typeof Parser.parse>[1],
    )
  } catch (error) {
    const { message } = error as Error
    return isCut && /^Missing \d+ required arg/.test(message) ? undefined : message.replace(/\s+/g, ' ')
  }
}
