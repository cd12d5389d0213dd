import { expect } from 'chai'
import { asAdministrator, bySudo } from '#core/service/rights.js'

describe('the line that does the same with more rights', () => {
  const { argv } = process

  afterEach(() => {
    process.argv = argv
  })

  for (const [typed, expected] of [
    ['service start', 'service start --home /bots/a'],
    ['service start -- bot', 'service start --home /bots/a -- bot'],
    ['service start --home a', 'service start --home /bots/a'],
    ['service start --home=a bot', 'service start --home=/bots/a bot'],
  ] as const)
    it(`names the home by its whole path: it may be typed in another folder (${typed})`, () => {
      process.argv = ['node', 'run.js', ...typed.split(' ')]
      expect(bySudo('/bots/a').join().replace(process.execPath, 'node')).to.equal(`Run: sudo node run.js ${expected}`)
      expect(asAdministrator('/bots/a').join()).to.contain(`run.js ${expected}`)
    })

  it('is none of sudo in a container, which has none', () => {
    expect(bySudo('/bot', { as: 'catalyst' }, true)).to.deep.equal([
      'Let the container run as catalyst: docker run --user catalyst …, or for this command docker exec --user catalyst …',
    ])
  })
})
