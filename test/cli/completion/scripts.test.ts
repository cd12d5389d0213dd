import { expect } from 'chai'
import { completionScript, SHELLS } from '#cli/completion/scripts.js'
import { type CommandTable, placesOf } from '#cli/completion/words.js'
import { expectGolden } from '../../support/golden.js'

const flag = (name: string, more: object = {}) => ({
  name,
  type: 'boolean',
  allowNo: false,
  summary: `${name} it.`,
  ...more,
})
const TABLE = {
  topics: [{ name: 'bot', description: "Run the bot's process." }],
  commands: [
    {
      id: 'status',
      summary: 'Show how the bot is. And more.',
      args: {},
      flags: { watch: flag('watch', { char: 'w' }) },
    },
    {
      id: 'bot:start',
      summary: 'Start it.',
      args: { role: { name: 'role', options: ['one', 'two'] } },
      flags: {
        home: flag('home', { type: 'option', helpValue: 'FOLDER' }),
        size: flag('size', { type: 'option', helpValue: 'SIZE', options: ['s', 'm'], char: 's' }),
        since: flag('since', { type: 'option', helpValue: 'TIME', summary: 'Since 1.5 h ago: as typed.' }),
        on: flag('on', { allowNo: true }),
        secret: flag('secret', { hidden: true }),
      },
    },
    { id: 'deploy:run', summary: 'Ship.', args: { ref: { name: 'ref' } }, flags: {} },
    { id: 'old', hidden: true, summary: 'x', args: {}, flags: {} },
  ],
} as unknown as CommandTable

describe('the places of a command line', () => {
  const of = (path: string) => placesOf(TABLE).find((place) => place.path === path)

  it('are the beginning, the topics and the commands, without hidden ones', () => {
    expect(placesOf(TABLE).map(({ path }) => path)).to.deep.equal([
      '',
      'bot',
      'deploy',
      'bot start',
      'deploy run',
      'status',
    ])
    expect(of('')?.next).to.deep.equal([
      { word: 'bot', summary: "Run the bot's process" },
      { word: 'deploy', summary: '' },
      { word: 'status', summary: 'Show how the bot is' },
    ])
  })

  it('have flags with their values', () => {
    const flags = of('bot start')?.flags.map(({ name, short, values }) => [name, short, values])
    expect(flags).to.deep.equal([
      ['--home', undefined, 'folders'],
      ['--size', '-s', ['s', 'm']],
      ['--since', undefined, 'any'],
      ['--on', undefined, undefined],
      ['--no-on', undefined, undefined],
      ['--help', '-h', undefined],
    ])
    expect(of('bot start')?.flags[2]?.summary).to.equal('Since 1.5 h ago: as typed')
    expect(of('bot start')?.argument).to.deep.equal(['one', 'two'])
    expect(of('deploy run')?.argument).to.equal('versions')
  })

  for (const shell of SHELLS)
    it(`make the script of ${shell}`, () => expectGolden(`completion/${shell}.txt`, completionScript(shell, TABLE)))
})
