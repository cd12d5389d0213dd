import { expect } from 'chai'
import { CYCLE_BOUNDS, Histogram } from '#core/health/histogram.js'

describe('a histogram', () => {
  it('counts each value in the first bucket that it fits into, and what is larger in the last', () => {
    const histogram = new Histogram([0.1, 1])
    for (const value of [0, 0.1, 0.2, 1, 1.1, 100]) histogram.add(value)
    expect(histogram.counts).to.deep.equal([2, 2, 2])
    expect(histogram.sum).to.be.closeTo(102.4, 1e-9)
  })

  it('of cycles has ascending bounds, in seconds', () => {
    expect([...CYCLE_BOUNDS].sort((a, b) => a - b)).to.deep.equal(CYCLE_BOUNDS)
  })
})
