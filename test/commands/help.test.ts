import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { expectGolden } from '../support/golden.js'

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const { commands } = JSON.parse(readFileSync(file('oclif.manifest.json'), 'utf8')) as {
  commands: Record<string, unknown>
}

function help(...command: string[]): string {
  const text = execFileSync(process.execPath, [file('bin/run.js'), ...command, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, OCLIF_COLUMNS: '100', FORCE_COLOR: '0', NO_COLOR: '1' },
  })
  return text.replace(/catalyst-bot\/\S+ \S+ \S+/, 'catalyst-bot/VERSION PLATFORM NODE')
}

describe('the help', () => {
  it('of a topic lists each command once, without other names that it has', () => {
    const lines = help('deploy')
      .split('\n')
      .filter((line) => /^ +deploy \w/.test(line))
    const names = lines.map((line) => line.trim().split(/\s+/)[1])
    expect(names).to.include('list-tags').and.not.include('tags')
    expect([...new Set(names)]).to.deep.equal(names)
  })

  it('of catalyst', () => expectGolden('help/catalyst.txt', help()))

  for (const id of Object.keys(commands)) {
    const words = id.split(':')
    it(`of ${words.join(' ')}`, () => expectGolden(`help/${words.join('-')}.txt`, help(...words)))
  }
})
