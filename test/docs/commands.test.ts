import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { faultOf, type Typed } from '../support/command-line.js'

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const DOCS = [
  'README.md',
  ...readdirSync(file('docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]

type Mention = Typed & { readonly line: number }

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
