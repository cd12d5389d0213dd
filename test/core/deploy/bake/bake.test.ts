import { expect } from 'chai'
import { bakeDecision, bakesUntil } from '#core/deploy/bake/bake.js'

const AT = Date.parse('2026-03-01T12:00:00Z')
const HOUR = 3_600_000
const good = { rating: 'good', proved_at: '2026-03-01T12:00:00.000Z' } as const

describe('a version bakes', () => {
  it('for the hours after it has proven good', () => {
    expect(bakesUntil(good, 24, AT + 23 * HOUR)).to.equal(AT + 24 * HOUR)
    expect(bakesUntil(good, 24, AT + 24 * HOUR)).to.equal(undefined)
    expect(bakesUntil(good, 0, AT)).to.equal(undefined)
  })

  it('also where the clock was set back meanwhile, and no more where it was set forward beyond', () => {
    expect(bakesUntil(good, 24, AT - 400 * 24 * HOUR)).to.equal(AT + 24 * HOUR)
    expect(bakesUntil(good, 24, AT + 400 * 24 * HOUR)).to.equal(undefined)
  })

  it('only where it is good', () => {
    expect(bakesUntil({ rating: 'bad', proved_at: good.proved_at }, 24, AT)).to.equal(undefined)
    expect(bakesUntil({ rating: 'good', proved_at: null }, 24, AT)).to.equal(undefined)
    expect(bakesUntil(undefined, 24, AT)).to.equal(undefined)
  })
})

describe('a version that fails while it bakes', () => {
  const facts = { bakes: true, ownExits: 5, isOutsideUp: true, wasOutsideDown: false, hasEarlier: true }
  for (const [what, changes, decision] of [
    ['is taken back', {}, 'take back'],
    ['is taken back for its restarts, too', { ownExits: undefined }, 'take back'],
    ['stays where it was killed by others', { ownExits: 2 }, 'not due'],
    ['stays once it has baked', { bakes: false }, 'not due'],
    ['stays while something outside is down', { isOutsideUp: false }, 'outside down'],
    [
      'stays while it is down, whatever exits there are since',
      { isOutsideUp: false, wasOutsideDown: true, ownExits: 0 },
      'outside down',
    ],
    ['is not taken back for what was down, the moment it is up again', { wasOutsideDown: true, ownExits: 2 }, 'later'],
    ['is taken back where it goes on failing once all is up', { wasOutsideDown: true, ownExits: 3 }, 'take back'],
    [
      'stays where its restarts were used up while something was down',
      { wasOutsideDown: true, ownExits: undefined },
      'not due',
    ],
    ['is only told of where there is nothing to go back to', { hasEarlier: false }, 'tell'],
  ] as const)
    it(what, () => {
      expect(bakeDecision({ ...facts, ...changes })).to.equal(decision)
    })
})
