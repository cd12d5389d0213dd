import { expect } from 'chai'
import { type GateRules, type GateState, gateStep, newReasons, type Sighting } from '#core/deploy/gate.js'

const RULES: GateRules = { release: 'v2', startTimeoutMs: 30_000, settleMs: 10_000, tolerated: [] }
const TICK = 100

const SEEN = { ended: undefined, isOld: false, release: 'v2', reasons: [] }
const HEALTHY: Sighting = { ...SEEN, status: 'healthy' }
const NONE: Sighting = { ...SEEN, release: null, status: 'unreachable', reasons: ['no bot runs'] }
const STARTING: Sighting = { ...SEEN, status: 'starting', reasons: ['no cycle yet'] }
const UNHEALTHY: Sighting = { ...SEEN, status: 'unhealthy', reasons: ['503'] }
const OLD: Sighting = { ...HEALTHY, isOld: true, release: 'v1' }
const degraded = (...reasons: string[]): Sighting => ({ ...SEEN, status: 'degraded', reasons })

interface End {
  readonly at: number
  readonly why: string | undefined
}

/** What becomes of a bot that is seen so: each sighting lasts from its time on. */
function watched(sightings: readonly (readonly [number, Sighting])[], rules: Partial<GateRules> = {}): End {
  let state: GateState = { began: 0, goodAt: undefined }
  for (let now = 0; now < 200_000; now += TICK) {
    const seen = sightings.findLast(([from]) => from <= now)?.[1] ?? NONE
    const step = gateStep(state, seen, now, { ...RULES, ...rules })
    if (step.outcome === 'passed') return { at: now, why: undefined }
    if (step.outcome === 'failed') return { at: now, why: step.reason }
    state = step.state
  }
  throw new Error('it was never decided')
}

const passes = (title: string, sightings: readonly (readonly [number, Sighting])[], at: number, rules = {}) =>
  it(`${title} passes after ${at / 1000} s`, () => {
    expect(watched(sightings, rules)).to.deep.equal({ at, why: undefined })
  })
const fails = (
  title: string,
  sightings: readonly (readonly [number, Sighting])[],
  at: number,
  why: string,
  rules = {},
) =>
  it(`${title} fails after ${at / 1000} s`, () => {
    expect(watched(sightings, rules)).to.deep.equal({ at, why })
  })

describe('a release that', () => {
  const ENDED: Sighting = { ...NONE, ended: 'it ended by itself (exit code 1)' }
  fails(
    'ends at once',
    [
      [0, NONE],
      [300, ENDED],
    ],
    300,
    'it ended by itself (exit code 1)',
  )
  fails(
    'ends while it settles',
    [
      [0, HEALTHY],
      [5000, ENDED],
    ],
    5000,
    'it ended by itself (exit code 1)',
  )
  fails('answers as healthy, but has ended', [[0, { ...HEALTHY, ended: 'it crashed' }]], 0, 'it crashed')
  fails('never binds', [], 30_000, 'after 30 s it did not answer (no bot runs)')
  fails('never has a cycle', [[0, STARTING]], 30_000, 'after 30 s it was starting: no cycle yet')
  fails('is never healthy', [[0, UNHEALTHY]], 30_000, 'after 30 s it was unhealthy: 503')
  fails(
    'is healthy for 5 s and then not',
    [
      [0, HEALTHY],
      [5000, UNHEALTHY],
    ],
    5000,
    'it was well for 5 s, then it was unhealthy: 503',
  )
  fails('is another one', [[0, { ...HEALTHY, release: 'v1' }]], 30_000, 'after 30 s the bot ran as v1, not as v2')
  fails(
    'is the home itself',
    [[0, { ...HEALTHY, release: null }]],
    30_000,
    'after 30 s the bot ran as the home itself, not as v2',
  )
  fails('never takes the place of the old bot', [[0, OLD]], 30_000, 'after 30 s the bot of before still ran')
  fails(
    'is the same as before, but never begins anew',
    [[0, { ...HEALTHY, isOld: true }]],
    30_000,
    'after 30 s the bot of before still ran',
  )
  fails(
    'begins to end while it settles',
    [
      [0, HEALTHY],
      [2000, { ...SEEN, status: 'stopping' }],
    ],
    2000,
    'it was well for 2 s, then it was stopping',
  )
  fails(
    'says nothing that can be understood',
    [[0, { ...SEEN, status: 'unknown' }]],
    30_000,
    'after 30 s it was unknown',
  )

  passes('is healthy from the first moment', [[0, HEALTHY]], 10_000)
  passes(
    'comes while the old bot still answers',
    [
      [0, OLD],
      [3000, NONE],
      [4000, HEALTHY],
    ],
    14_000,
  )
  passes(
    'is unhealthy at first',
    [
      [0, UNHEALTHY],
      [8000, HEALTHY],
    ],
    18_000,
  )
  passes(
    'is slow, but healthy just within its time to start',
    [
      [0, NONE],
      [29_900, HEALTHY],
    ],
    39_900,
  )
  fails(
    'is a moment too slow',
    [
      [0, NONE],
      [30_100, HEALTHY],
    ],
    30_000,
    'after 30 s it did not answer (no bot runs)',
  )
  passes('brings the home itself back', [[0, { ...HEALTHY, release: null }]], 10_000, { release: null })

  passes(
    'does not answer once while it settles',
    [
      [0, HEALTHY],
      [4000, NONE],
      [4100, HEALTHY],
    ],
    10_000,
  )
  passes(
    'does not answer in the last moment before it has settled',
    [
      [0, HEALTHY],
      [9900, NONE],
      [10_000, HEALTHY],
    ],
    10_000,
  )
  fails(
    'does not answer any more when it is to have settled',
    [
      [0, HEALTHY],
      [4000, NONE],
    ],
    11_500,
    'it was well for 11.5 s, then it did not answer (no bot runs)',
  )

  const settle0 = { settleMs: 0 }
  passes(
    'needs not settle',
    [
      [0, NONE],
      [2000, HEALTHY],
    ],
    2000,
    settle0,
  )
  fails('needs not settle, but is never healthy', [[0, UNHEALTHY]], 30_000, 'after 30 s it was unhealthy: 503', settle0)

  const tolerated = { tolerated: ['the feed is 12.5 s late', 'db: timeout'] }
  passes('is degraded for what the one before was, too', [[0, degraded('the feed is 90 s late')]], 10_000, tolerated)
  passes(
    'is degraded for less than the one before',
    [
      [0, degraded('db: timeout')],
      [3000, HEALTHY],
    ],
    10_000,
    tolerated,
  )
  fails(
    'is degraded for something new',
    [[0, degraded('db: timeout', 'memory is short')]],
    30_000,
    'after 30 s it was degraded: db: timeout: memory is short',
    tolerated,
  )
  fails(
    'is degraded where the one before was not',
    [[0, degraded('db: timeout')]],
    30_000,
    'after 30 s it was degraded: db: timeout',
  )
  fails(
    'becomes degraded while it settles, for something new',
    [
      [0, degraded('db: timeout')],
      [1000, degraded('the disk is full')],
    ],
    1000,
    'it was well for 1 s, then it was degraded: the disk is full',
    tolerated,
  )
  passes(
    'overcomes what is new in time',
    [
      [0, degraded('memory is short')],
      [9000, HEALTHY],
    ],
    19_000,
    tolerated,
  )
})

describe('a reason', () => {
  it('is new by its words, not by its figures', () => {
    expect(newReasons(['a 1 of 2,5', 'b'], ['a 3.25 of 4'])).to.deep.equal(['b'])
    expect(newReasons(['a'], [])).to.deep.equal(['a'])
    expect(newReasons([], ['a'])).to.deep.equal([])
  })
})
