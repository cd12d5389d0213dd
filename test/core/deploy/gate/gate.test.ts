import { expect } from 'chai'
import { type GateObservation, type GateRules, type GateState, gateStep, newReasons } from '#core/deploy/gate/gate.js'
import { clockFault } from '#core/health/gauges/clock-check.js'

const RULES: GateRules = { release: 'v2', startTimeoutMs: 30_000, settleMs: 10_000, tolerated: [], proofBefore: null }
const TICK = 100

const SEEN = { failure: undefined, isOld: false, isGone: false, release: 'v2', reasons: [], proof: undefined }
const HEALTHY: GateObservation = { ...SEEN, status: 'healthy' }
const NONE: GateObservation = { ...SEEN, release: null, status: 'unreachable', reasons: ['no bot runs'] }
const STARTING: GateObservation = { ...SEEN, status: 'starting', reasons: ['no cycle yet'] }
const UNHEALTHY: GateObservation = { ...SEEN, status: 'unhealthy', reasons: ['503'] }
const OLD: GateObservation = { ...HEALTHY, isOld: true, release: 'v1' }
const degraded = (...reasons: string[]): GateObservation => ({ ...SEEN, status: 'degraded', reasons })

interface End {
  readonly at: number
  readonly why: string | undefined
}

/** What becomes of a bot that is seen so: each observation lasts from its time on. */
function watched(sightings: readonly (readonly [number, GateObservation])[], rules: Partial<GateRules> = {}): End {
  let state: GateState = { began: 0, upAt: undefined, goodAt: undefined }
  for (let now = 0; now < 200_000; now += TICK) {
    const seen = sightings.findLast(([from]) => from <= now)?.[1] ?? NONE
    const step = gateStep(state, seen, now, { ...RULES, ...rules })
    if (step.outcome === 'passed') return { at: now, why: undefined }
    if (step.outcome === 'failed') return { at: now, why: step.reason }
    state = step.state
  }
  throw new Error('it was never decided')
}

const passes = (title: string, sightings: readonly (readonly [number, GateObservation])[], at: number, rules = {}) =>
  it(`${title} passes after ${at / 1000} s`, () => {
    expect(watched(sightings, rules)).to.deep.equal({ at, why: undefined })
  })
const fails = (
  title: string,
  sightings: readonly (readonly [number, GateObservation])[],
  at: number,
  why: string,
  rules = {},
) =>
  it(`${title} fails after ${at / 1000} s`, () => {
    expect(watched(sightings, rules)).to.deep.equal({ at, why })
  })

describe('the proof of a release', () => {
  it('has one time for when it ran again, and one for when it had shown that it works', () => {
    const proven = (...seen: readonly (readonly [number, GateObservation])[]) => {
      let state: GateState = { began: 0, upAt: undefined, goodAt: undefined }
      for (const [now, observation] of seen) {
        const step = gateStep(state, observation, now, RULES)
        if (step.outcome === 'passed') return step.proof
        if (step.outcome === 'waiting') state = step.state
      }
      return undefined
    }
    const longPoll = [
      [0, OLD],
      [100, NONE],
      [200, { ...STARTING, isGone: true }],
      [800, STARTING],
      [20_000, STARTING],
      [20_100, HEALTHY],
      [30_100, HEALTHY],
    ] as const
    expect(proven(...longPoll)).to.deep.equal({ upAt: 800, goodAt: 20_100, by: undefined })
    expect(proven([0, NONE], [500, HEALTHY], [10_500, HEALTHY])).to.deep.equal({
      upAt: 500,
      goodAt: 500,
      by: undefined,
    })
  })
})

describe('a failure at the gate', () => {
  const began: GateState = { began: 0, upAt: 0, goodAt: 0 }
  const wasItself = (observation: GateObservation) => {
    const step = gateStep(began, observation, 60_000, RULES)
    return step.outcome === 'failed' ? step.byItself : step.outcome
  }

  it('is held against a version that exited, became unhealthy or no longer answers by itself', () => {
    expect(wasItself({ ...HEALTHY, failure: { words: 'it crashed', byItself: true } })).to.equal(true)
    expect(wasItself(UNHEALTHY)).to.equal(true)
    expect(wasItself({ ...SEEN, status: 'unreachable', reasons: ['no answer'] })).to.equal(true)
  })

  it('is not held against one that was killed, or that did not get to run', () => {
    expect(wasItself({ ...HEALTHY, failure: { words: 'it was killed', byItself: false } })).to.equal(false)
    expect(wasItself({ ...SEEN, status: 'unreachable', reasons: ['no bot runs'], isGone: true })).to.equal(false)
    expect(wasItself({ ...STARTING, isGone: true }), 'another instance starts already').to.equal(false)
    expect(wasItself(OLD)).to.equal(false)
    expect(wasItself({ ...HEALTHY, release: null })).to.equal(false)
  })
})

describe('a release at the gate that', () => {
  const MIGRATING: GateObservation = { ...STARTING, isStartExtended: true }
  passes(
    'takes longer to start, as it says,',
    [
      [0, NONE],
      [500, MIGRATING],
      [90_000, HEALTHY],
    ],
    100_000,
  )
  fails(
    'takes longer to start, and than it has said,',
    [
      [0, MIGRATING],
      [90_000, STARTING],
    ],
    90_000,
    'after 30 s it was starting: no cycle yet',
  )
  const EXITED: GateObservation = { ...NONE, failure: { words: 'it exited by itself (exit code 1)', byItself: true } }
  fails(
    'ends at once',
    [
      [0, NONE],
      [300, EXITED],
    ],
    300,
    'it exited by itself (exit code 1)',
  )
  fails(
    'ends while it settles',
    [
      [0, HEALTHY],
      [5000, EXITED],
    ],
    5000,
    'it exited by itself (exit code 1)',
  )
  fails(
    'answers as healthy, but has ended',
    [[0, { ...HEALTHY, failure: { words: 'it crashed', byItself: true } }]],
    0,
    'it crashed',
  )
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
    'it was healthy for 5 s, then it was unhealthy: 503',
  )
  fails('is another one', [[0, { ...HEALTHY, release: 'v1' }]], 30_000, 'after 30 s the bot ran as v1, not as v2')
  fails(
    'is the working tree',
    [[0, { ...HEALTHY, release: null }]],
    30_000,
    'after 30 s the bot ran as the working tree, not as v2',
  )
  fails('never takes the place of the old bot', [[0, OLD]], 30_000, 'after 30 s the previous bot still ran')
  fails(
    'is the same as before, but never begins anew',
    [[0, { ...HEALTHY, isOld: true }]],
    30_000,
    'after 30 s the previous bot still ran',
  )
  fails(
    'begins to end while it settles',
    [
      [0, HEALTHY],
      [2000, { ...SEEN, status: 'stopping' }],
    ],
    2000,
    'it was healthy for 2 s, then it was stopping',
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
  passes('brings the working tree back', [[0, { ...HEALTHY, release: null }]], 10_000, { release: null })

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
    'it was healthy for 11.5 s, then it did not answer (no bot runs)',
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
  const clockIsOff = clockFault({ offsetMs: 2300, delayMs: 20 }, { server: 'pool.ntp.org', maxSeconds: 0.5 }, 'linux')
  passes(
    "is degraded for this machine's clock alone",
    [
      [0, HEALTHY],
      [1000, degraded(clockIsOff as string)],
    ],
    10_000,
  )
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
    'it was healthy for 1 s, then it was degraded: the disk is full',
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

describe('a release at the gate after one that proved that it works, that', () => {
  const PROCESS: GateObservation = { ...HEALTHY, reasons: ['only the process is watched'], proof: 'process' }
  const REPORTS: GateObservation = { ...HEALTHY, proof: 'report' }
  const rules = { proofBefore: 'report' }
  const why =
    'after 30 s it had proven only that its process lives, and the version before proved that it works (report)'
  fails('proves only that its process lives', [[0, PROCESS]], 30_000, why, rules)
  passes(
    'begins to report in time',
    [
      [0, PROCESS],
      [20_000, REPORTS],
    ],
    30_000,
    rules,
  )
  passes('proves itself in another way', [[0, { ...HEALTHY, proof: 'log,file' }]], 10_000, rules)
  passes('has its endpoint switched off', [[0, HEALTHY]], 10_000, rules)
  const tolerated = { tolerated: ['db: timeout'] }
  const ill: GateObservation = { ...degraded('db: timeout', 'only the process is watched'), proof: 'process' }
  fails('proves only that, degraded as the one before', [[0, ill]], 30_000, why, { ...rules, ...tolerated })
  passes('was accepted so, degraded as the one before', [[0, ill]], 10_000, tolerated)

  it('is told apart from one with a fault, and by what it passed', () => {
    const began: GateState = { began: 0, upAt: undefined, goodAt: undefined }
    const ended = (observation: GateObservation) => gateStep(began, observation, 30_000, { ...RULES, ...rules })
    expect(ended(PROCESS)).to.include({ outcome: 'failed', isUnproven: true })
    expect(ended({ ...UNHEALTHY, proof: 'process' })).to.include({ outcome: 'failed', isUnproven: false })
    const passed = gateStep(began, REPORTS, 0, { ...RULES, ...rules, settleMs: 0 })
    expect(passed).to.deep.equal({ outcome: 'passed', proof: { upAt: 0, goodAt: 0, by: 'report' } })
  })
})

describe('a reason for degraded', () => {
  it('is new if its words differ, not if its figures do', () => {
    expect(newReasons(['a 1 of 2,5', 'b'], ['a 3.25 of 4'])).to.deep.equal(['b'])
    expect(newReasons(['a'], [])).to.deep.equal(['a'])
    expect(newReasons([], ['a'])).to.deep.equal([])
  })
})
