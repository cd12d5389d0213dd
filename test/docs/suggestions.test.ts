import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import ts from 'typescript'
import { COMMAND_WORDS, faultOf } from '../support/command-line.js'
import { ROOT } from '../support/e2e/root.js'

/** All texts of a source file; what is put into one stands as NAME. */
function textsOf(source: string): string[] {
  const texts: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) texts.push(node.text)
    if (ts.isTemplateExpression(node))
      texts.push(node.head.text + node.templateSpans.map(({ literal }) => `NAME${literal.text}`).join(''))
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('x.ts', source, ts.ScriptTarget.Latest))
  return texts.flatMap((text) =>
    text
      .replace(/([a-z])NAME/g, '$1 NAME')
      .replace(/"…"/g, 'NAME')
      .replace(/NAME--/g, 'NAME --')
      .split('\n'),
  )
}

const FIRST_WORDS = new Set(COMMAND_WORDS.map(([first]) => first as string))
/** Before a command that is to be typed, whatever it is called. */
const TOLD = /(?:: ?|\brun )[`']?$/i
const isArgument = (word: string) =>
  /^(--?[a-z][\w-]*(=\S+)?|NAME|[A-Z]+|v\d[\w.-]*|bot|watchdog|crash|freeze|hang|bash|zsh|fish|powershell)$/.test(word)

/** The commands that a text tells to type, each up to where its sentence goes on. */
function told(text: string): string[] {
  return [...text.matchAll(/\bcatalyst ([a-z].*?)(?=\bcatalyst |$)/g)].flatMap(({ 1: rest = '', index }) => {
    const words = rest.split(/\s+/)
    if (!FIRST_WORDS.has(words[0]?.replace(/\W+$/, '') ?? '') && !TOLD.test(text.slice(0, index))) return []
    const known = COMMAND_WORDS.filter((id) => id.every((word, at) => words[at]?.replace(/\W+$/, '') === word))
    const length = Math.max(0, ...known.map((id) => id.length))
    const typed = words.slice(0, length || 2)
    const ends = () => /[^\w-]$/.test(typed.at(-1) ?? '')
    for (const word of words.slice(length || 2)) {
      const before = typed.at(-1) ?? ''
      const mayBeValue =
        /^--(since|kind|level|wait|limit|account|name|home|command|set|app|pm2-list)$/.test(before) &&
        !word.startsWith('--')
      if (ends() || !(isArgument(word.replace(/[^\w=-]+$/, '')) || mayBeValue)) break
      typed.push(word)
    }
    return [typed.join(' ').replace(/[^\w…-]+$/, '')]
  })
}

describe('the commands that messages tell to type', () => {
  const files = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ts$/.test(name),
  )

  it('are ours, with flags and arguments that they have', async () => {
    const faults: string[] = []
    let found = 0
    for (const name of files)
      for (const text of textsOf(readFileSync(join(ROOT, 'src', name), 'utf8')))
        for (const command of told(text)) {
          found++
          const fault = await faultOf({ text: command, isTyped: true })
          // which of them it will be stands in the code around
          if (fault !== undefined && !fault.startsWith('Expected NAME to be one of'))
            faults.push(`${name}: catalyst ${command}: ${fault}`)
        }
    expect(faults).to.deep.equal([])
    expect(found).to.be.above(80)
  })

  for (const [text, commands] of [
    ['Correct them, then run: catalyst config check', ['config check']],
    ['Start it: catalyst bot start, or catalyst service start watchdog', ['bot start', 'service start watchdog']],
    ['(see catalyst logs --since 1h)', ['logs --since 1h']],
    ['catalyst deploy run NAME --force.', ['deploy run NAME --force']],
    ['catalyst service install shows how', ['service install']],
    ['Try: catalyst servce install', ['servce install']],
    ['catalyst is incomplete', []],
  ] as const)
    it(`are found: ${text}`, () => expect(told(text)).to.deep.equal(commands))
})
