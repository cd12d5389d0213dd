import { resolve } from 'node:path'
import { expect } from 'chai'
import { nameHome } from '#cli/name-home.js'

const IDS = ['deploy:run', 'deploy:recover', 'service:install', 'service', 'logs', 'incident:show']
const BOT = resolve('/bots/a')

describe('a suggested command', () => {
  const named = (text: string, ...argv: string[]) => nameHome(text, { argv, ids: IDS })

  for (const [text, expected] of [
    [
      'Bring it to an end first: catalyst deploy recover',
      `Bring it to an end first: catalyst deploy recover --home ${BOT}`,
    ],
    ['catalyst deploy run v1 --force', `catalyst deploy run --home ${BOT} v1 --force`],
    [
      'catalyst service install completes it, see catalyst logs',
      `catalyst service install --home ${BOT} completes it, see catalyst logs --home ${BOT}`,
    ],
    [
      'one\ncatalyst logs\ncatalyst incident show 1',
      `one\ncatalyst logs --home ${BOT}\ncatalyst incident show --home ${BOT} 1`,
    ],
  ] as const)
    it(`names the home that this one has named: ${text.split('\n').join(', ')}`, () => {
      expect(named(text, 'deploy', 'run', '--home', '/bots/a')).to.equal(expected)
      expect(named(text, 'deploy', 'run', '--home=/bots/a')).to.equal(expected)
    })

  it('names a relative home by its full path, quoted if necessary', () => {
    expect(named('catalyst logs', 'logs', '--home', 'my bot')).to.match(/^catalyst logs --home (["']).+[\\/]my bot\1$/)
  })

  for (const text of [
    'catalyst logs --help',
    'catalyst service install --home FOLDER',
    'catalyst is not found',
    'Set X=1 in .env',
  ])
    it(`stays as it is: ${text}`, () => {
      expect(named(text, 'logs', '--home', '/bots/a')).to.equal(text)
    })

  it('names no home if this command line named none', () => {
    expect(named('catalyst logs', 'logs')).to.equal('catalyst logs')
  })

  it('names no home if --home is not a flag there, or is empty', () => {
    expect(named('catalyst logs', 'logs', '--home', '/bots/a', '--', '--home=/b')).to.equal(
      `catalyst logs --home ${BOT}`,
    )
    for (const argv of [['--', '--home', '/bots/a'], ['--home='], ['--home', '']])
      expect(named('catalyst logs', 'logs', ...argv)).to.equal('catalyst logs')
  })
})
