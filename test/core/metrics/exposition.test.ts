import { expect } from 'chai'
import { exposition } from '#core/metrics/exposition.js'
import { byLabel, counter, gauge, info, stateSet } from '#core/metrics/family.js'

/** The lines without what says of what they are. */
const values = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

describe('the text for Prometheus', () => {
  it('has help, type and value of each metric, with the name of the bot', async () => {
    const text = await exposition('Bot', [gauge('a_seconds', 'A time.', 1.5), counter('b_total', 'A count.', 3)])
    expect(text.split('\n').filter(Boolean)).to.deep.equal([
      '# HELP a_seconds A time.',
      '# TYPE a_seconds gauge',
      'a_seconds{bot="Bot"} 1.5',
      '# HELP b_total A count.',
      '# TYPE b_total counter',
      'b_total{bot="Bot"} 3',
    ])
  })

  it('leaves out what is not known', async () => {
    const unknown = [null, undefined, Number.NaN].map((value, index) => gauge(`x${index}`, 'Nothing.', value))
    const none = byLabel('gauge', 'y', 'Nothing.', 'of', { a: undefined })
    expect(values(await exposition('Bot', [...unknown, none]))).to.deep.equal([])
  })

  it('is 1 for the state that something is in, and 0 for the others', async () => {
    const text = await exposition('Bot', [stateSet('s', 'A state.', 'is', ['on', 'off'], 'off')])
    expect(values(text)).to.deep.equal(['s{is="on",bot="Bot"} 0', 's{is="off",bot="Bot"} 1'])
  })

  it('adds up the buckets of a histogram, with the sum and the number of all', async () => {
    const histogram = { bounds: [0.1, 1], counts: [2, 0, 1], sum: 7.5 }
    const text = await exposition('Bot', [{ name: 'h_seconds', help: 'Times.', type: 'histogram', histogram }])
    expect(values(text)).to.deep.equal([
      'h_seconds_bucket{le="0.1",bot="Bot"} 2',
      'h_seconds_bucket{le="1",bot="Bot"} 2',
      'h_seconds_bucket{le="+Inf",bot="Bot"} 3',
      'h_seconds_sum{bot="Bot"} 7.5',
      'h_seconds_count{bot="Bot"} 3',
    ])
  })

  it('keeps hostile names in their place: one line each, of a bounded length', async () => {
    const hostile = 'a"} 1\nevil_total 9\\\u001b[31m\u202e'
    const text = await exposition(hostile, [
      info('i', 'Info.', { name: hostile, long: 'x'.repeat(10_000), half: '\ud800' }),
      byLabel('gauge', 'd', 'Names.', 'name', { [hostile]: 1, ok: 0 }),
    ])
    const lines = values(text)
    expect(lines).to.have.length(3)
    for (const line of lines) {
      expect(line).to.match(/^[id]\{(\w+="([^"\\]|\\["\\n])*",?)+\} [01]$/)
      expect(line).to.not.include('\u001b').and.to.not.include('\u202e')
      expect(line.length).to.be.below(700)
    }
  })

  it('begins anew each time: what is gone is not told any more', async () => {
    await exposition('Bot', [byLabel('gauge', 'd', 'Names.', 'name', { old: 1 })])
    const text = await exposition('Bot', [byLabel('gauge', 'd', 'Names.', 'name', { new: 1 })])
    expect(values(text)).to.deep.equal(['d{name="new",bot="Bot"} 1'])
  })
})
