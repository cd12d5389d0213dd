import { expect } from 'chai'
import fc from 'fast-check'
import { type Gaps, isLearned, longestOf, NO_GAPS, withGap } from '#core/bot/signs/gaps.js'

const WINDOW = 1000
const gapsAfter = (gaps: readonly number[], from: Gaps = NO_GAPS) =>
  gaps.reduce((all, gap) => withGap(all, gap, WINDOW), from)

describe('the gaps that a program is known by', () => {
  it('are learned once enough time was observed', () => {
    expect(isLearned(NO_GAPS, 300)).to.equal(false)
    expect(isLearned(gapsAfter([100, 100]), 300)).to.equal(false)
    expect(isLearned(gapsAfter([100, 100, 100]), 300)).to.equal(true)
  })

  it('stay learned from one window to the next', () => {
    expect(isLearned(gapsAfter([600, 600, 10]), 300)).to.equal(true)
  })

  it('keep the longest of the last window at least, and forget it after two of shorter ones', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 60 }), (gaps) => {
        const recent = gaps.filter((_, index) => gaps.slice(index).reduce((sum, gap) => sum + gap, 0) <= WINDOW)
        expect(longestOf(gapsAfter(gaps))).to.be.at.least(Math.max(0, ...recent))
      }),
    )
    const quick = Array.from({ length: 3000 }, () => 1)
    expect(longestOf(gapsAfter(quick, gapsAfter([900])))).to.equal(1)
  })
})
