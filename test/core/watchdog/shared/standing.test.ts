import { expect } from 'chai'
import { type HomeFacts, standingOf, standingText, WATCHED } from '#core/watchdog/shared/standing.js'

const SOUND: HomeFacts = {
  refusal: undefined,
  ownService: undefined,
  isEnabled: true,
  blind: undefined,
  faults: [],
}

describe('how a home stands with the shared watchdog', () => {
  const CASES: [string, Partial<HomeFacts>, string, string | null][] = [
    ['it is sound', {}, 'watched', null],
    ['it is switched off', { isEnabled: false }, 'left', 'WATCHDOG_ENABLED is off in its .env'],
    ['it has its own', { ownService: 'A-watchdog' }, 'left', 'it has a watchdog of its own, the service A-watchdog'],
    ['it has its own, and faults', { ownService: 'A-watchdog', faults: ['x'] }, 'left', 'it has a watchdog of its own'],
    ["it is another user's", { refusal: 'it belongs to bob', ownService: 'A' }, 'left', 'it belongs to bob'],
    ['its settings have faults', { faults: ['a', 'b'] }, 'failing', 'its settings have faults: a; b'],
    ['its settings have faults, perhaps in the switch', { faults: ['a'], isEnabled: false }, 'failing', 'a'],
    ['its endpoint is off', { blind: 'The endpoint is off.' }, 'failing', 'The endpoint is off.'],
  ]
  for (const [name, facts, state, why] of CASES)
    it(`is '${state}' where ${name}`, () => {
      const standing = standingOf({ ...SOUND, ...facts })
      expect(standing.state).to.equal(state)
      if (why === null) expect(standing.why).to.equal(null)
      else expect(standing.why).to.include(why)
    })

  it('is told once it changes, and not where all is as it should be from the first', () => {
    expect(standingText('/a', WATCHED, undefined)).to.equal(undefined)
    expect(standingText('/a', WATCHED, { state: 'gone', why: null })).to.equal('/a is watched')
    expect(standingText('/a', { state: 'left', why: 'x' }, undefined)).to.equal('/a is left alone: x')
    expect(standingText('/a', { state: 'failing', why: 'x' }, WATCHED)).to.equal("/a can't be watched: x")
    expect(standingText('/a', { state: 'gone', why: null }, WATCHED)).to.match(/^\/a is gone; /)
  })
})
