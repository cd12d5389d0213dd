import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Command, Parser } from '@oclif/core'
import { expect } from 'chai'
import { COMMANDS } from '../../src/main.js'

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const DOCS = [
  'README.md',
  ...readdirSync(file('docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]

interface Mention {
  readonly line: number
  readonly text: string
  /** Typed as it stands, in a block; within a sentence a mere topic may be meant. */
  readonly isTyped: boolean
}

/** Every command of ours in a document: lines of fenced blocks, and code spans. */
function mentions(markdown: string): Mention[] {
  const found: Mention[] = []
  let isBlock = false
  let prose = ''
  for (const [index, text] of markdown.split('\n').entries()) {
    const isFence = /^\s*```/.test(text)
    if (isFence) isBlock = !isBlock
    const command = /^\s*(?:catalyst|node bin\/run\.js)\s+(.*)/.exec(text)?.[1]
    if (isBlock && command) found.push({ line: index + 1, text: command, isTyped: true })
    prose += `${isBlock || isFence ? '' : text}\n` // a span may go on in the next line
  }
  for (const span of prose.matchAll(/`catalyst\s+([^`]+)`/g)) {
    const line = prose.slice(0, span.index).split('\n').length
    found.push({ line, text: span[1] as string, isTyped: false })
  }
  return found
}

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

const ids = Object.keys(COMMANDS).map((id) => id.split(':'))
const begins = (words: readonly string[], start: readonly string[]) => start.every((word, at) => words[at] === word)

/** Why this is no command of ours; undefined when it is one. */
async function faultOf({ text, isTyped }: Omit<Mention, 'line'>): Promise<string | undefined> {
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

describe('the commands in the documents', () => {
  for (const name of DOCS) {
    it(`${name}: each is one of ours`, async () => {
      const faults: string[] = []
      for (const mention of mentions(readFileSync(file(name), 'utf8'))) {
        const fault = await faultOf(mention)
        if (fault !== undefined) faults.push(`${name}:${mention.line}: catalyst ${mention.text}: ${fault}`)
      }
      expect(faults).to.deep.equal([])
    })
  }

  it('all are found: blocks, spans over two lines, table cells', () => {
    const markdown =
      'Say `catalyst\nlogs` or\n\n```\ncatalyst service stop   # now\nnode bin/run.js logs\n```\n| x | `catalyst help` |\n'
    const found = mentions(markdown).map(({ line, text }) => `${line} ${text}`)
    expect(found).to.deep.equal(['5 service stop   # now', '6 logs', '1 logs', '8 help'])
  })

  for (const text of [
    'service install --with-watchdog    # comment --nonsense',
    "logs --grep 'a # b' --since 2h | less --nonsense",
    'health check --wait 60 && echo works',
    'health check --wait SECONDS',
    'service install --account <name>',
    'service install --json --home FOLDER',
    'service …',
    'service install …',
    'COMMAND --help',
    '--version',
    'service install --help',
  ])
    it(`takes: ${text}`, async () => {
      expect(await faultOf({ text, isTyped: true })).to.equal(undefined)
    })

  for (const [text, fault] of [
    ['servce install', 'no such command'],
    ['service instal', 'no such command'],
    ['service', 'no such command'],
    ['servce …', 'no such command'],
    ['service install --with-watchdogs', 'Nonexistent flag: --with-watchdogs'],
    ['service install --user --system', '--system=true cannot also be provided when using --user'],
    ['service stop bot now', 'Unexpected argument: now'],
    ['service stop NAME', 'Expected NAME to be one of: bot, watchdog'],
    ['health check --wait soon', 'Expected an integer but received: soon'],
    ['logs --since', 'Flag --since expects a value'],
    ['logs --demo …', 'Nonexistent flag: --demo'],
  ] as const)
    it(`refuses: ${text}`, async () => {
      expect(await faultOf({ text, isTyped: true })).to.match(new RegExp(fault))
    })

  it('lets a sentence name a topic', async () => {
    expect(await faultOf({ text: 'service', isTyped: false })).to.equal(undefined)
    expect(await faultOf({ text: 'servic', isTyped: false })).to.equal('no such command')
  })
})
