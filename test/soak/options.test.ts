import { expect } from 'chai'
import { soakOptions, UsageError } from './options.js'

describe('the words of a soak', () => {
  it('have defaults', () => {
    expect(soakOptions([], 7)).to.deep.equal({ hours: 8, speed: 20, seed: 7, out: undefined, snapshots: false })
  })

  it('are followed', () => {
    const words = ['--hours', '0.5', '--speed=30', '--seed', '11', '--out', 'x.jsonl', '--snapshots']
    expect(soakOptions(words, 7)).to.deep.equal({ hours: 0.5, speed: 30, seed: 11, out: 'x.jsonl', snapshots: true })
  })

  it('are refused where they make no sense', () => {
    for (const words of [['--hours', 'x'], ['--hours', ''], ['--speed', '0'], ['--seed', '-1'], ['--fast'], ['8']])
      expect(() => soakOptions(words, 7), words.join(' ')).to.throw(UsageError)
  })
})
