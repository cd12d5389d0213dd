import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '@oclif/core'
import { expect } from 'chai'
import { quick } from '../../src/quick/help.js'
import { ROOT } from '../support/e2e/root.js'

const read = (file: string) => JSON.parse(readFileSync(join(ROOT, file), 'utf8'))
const commands: string[] = Object.keys(read('oclif.manifest.json').commands)
const topics: string[] = Object.keys(read('package.json').oclif.topics)

describe('the help that is shown without the command line', () => {
  /** Returns what is printed meanwhile. */
  async function printed(show: () => Promise<unknown>): Promise<string> {
    const { log } = console
    const lines: string[] = []
    console.log = (...words: unknown[]) => void lines.push(words.join(' '))
    try {
      await show()
    } finally {
      console.log = log
    }
    return lines.join('\n')
  }

  const whole = (words: string[]) => printed(() => run(words, { root: join(ROOT, 'package.json'), userPlugins: false }))

  it("is oclif's own, of every command and topic, however it is asked for", async () => {
    const lines = [
      ...[...commands, ...topics].filter((id) => id !== 'help').map((id) => [...id.split(':'), '--help']),
      ...[['--help'], ['-h'], ['help'], ['help', 'deploy'], ['help', 'deploy', 'run'], ['help', 'deploy:run'], []],
      ...[
        ['deploy:run', '-h'],
        ['deploy', '--help', 'run'],
        ['--json', '--help'],
        ['health', 'check', '--json', '-h'],
      ],
      ...[
        ['--help', '--', 'deploy'],
        ['deploy', 'run', 'v1', '--help'],
        ['status', '-h', '--home', 'x'],
      ],
    ]
    for (const words of lines) {
      let isDone: boolean | undefined
      const text = await printed(async () => {
        isDone = await quick(words)
      })
      expect(isDone, words.join(' ')).to.equal(true)
      expect(text, words.join(' ')).to.equal(await whole(words))
    }
  })

  it('is left to the command line where there is no such command, where more is asked, and where it is a value', async () => {
    for (const words of [
      ['helth', '--help'],
      ['help', '--nested-commands'],
      ['bot', 'start', '--', '--help'],
    ]) {
      let isDone: boolean | undefined
      const text = await printed(async () => {
        isDone = await quick(words)
      })
      expect([isDone, text], words.join(' ')).to.deep.equal([false, ''])
    }
  })
})
