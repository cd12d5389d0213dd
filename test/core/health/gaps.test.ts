import { expect } from 'chai'
import fc from 'fast-check'
import { type Gaps, isLearned, longestOf, NO_GAPS, withGap } from '#core/health/gaps.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import type { Status } from '#core/health/status.js'
import type { Clock } from '#core/platform/clock.js'
import { aMonitor } from '../../support/builders/monitor.js'

const THRESHOLD = 300_000
const HOUR = 3_600_000

/** A program that reports cycles and says nothing of the next one, on a clock of its own. */
class Reporter {
  now = 0
  readonly #health: HealthMonitor

  constructor() {
    const clock: Clock = { now: () => this.now, monotonic: () => this.now, after: () => () => {} }
    this.#health = aMonitor(clock, { signals: [{ name: 'report', setMs: undefined }] })
    this.#health.recordCycle()
  }

  /** Its status just before the next report, which comes after this long: the worst of the whole gap. */
  report(gapMs: number): Status {
    this.now += gapMs
    const { status } = this.#health.state()
    this.#health.recordCycle()
    return status
  }

  /** How long after its last report it is `unhealthy`, to the second. */
  seenStoppedAfter(): number {
    const last = this.now
    while (this.#health.state().status !== 'unhealthy') this.now += 1000
    return this.now - last
  }
}

/** What a bot of this kind was, other than healthy, in its time. */
function troubles(gaps: Iterable<number>, ms: number): string[] {
  const bot = new Reporter()
  const seen: string[] = []
  for (const gap of gaps) {
    if (bot.now >= ms) break
    const status = bot.report(gap)
    if (status !== 'healthy')
      seen.push(`${status} after ${Math.round(gap / 1000)} s, at ${Math.round(bot.now / 1000)} s`)
  }
  return seen
}

/** Numbers from 0 up to 1, the same for the same seed (Park and Miller's minimal standard). */
function* randoms(seed: number): Generator<number> {
  for (let state = seed; ; ) {
    state = (state * 48_271) % 0x7fffffff
    yield state / 0x7fffffff
  }
}

function* poisson(meanMs: number, seed: number): Generator<number> {
  for (const random of randoms(seed)) yield -meanMs * Math.log(1 - random)
}

/** Some reports in quick succession, then nothing until its hour comes again. */
function* cron(everyMs: number, reports: number, seed: number): Generator<number> {
  for (const random of randoms(seed)) {
    for (let n = 1; n < reports; n++) yield 200
    yield everyMs * (0.9 + random / 5) - (reports - 1) * 200
  }
}

describe('a bot that reports cycles and says nothing of the next', () => {
  const seeds = fc.integer({ min: 1, max: 0x7ffffffe })

  it('is healthy in the quiet after a burst', () => {
    const burst = Array.from({ length: 40 }, () => 500)
    expect(troubles([...burst, 290_000, ...burst, 290_000, ...burst, 90_000], HOUR)).to.deep.equal([])
  })

  it('is healthy from its first report on, whatever it does, while no gap is as long as the threshold', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: THRESHOLD - 1 }), { maxLength: 300 })
    fc.assert(fc.property(gaps, (some) => void expect(troubles(some, HOUR)).to.deep.equal([])))
  })

  it('is healthy for a day where its reports come by chance, often enough for the threshold', () => {
    const mean = fc.integer({ min: 2000, max: THRESHOLD / 30 })
    fc.assert(
      fc.property(mean, seeds, (ms, seed) => {
        expect(troubles(poisson(ms, seed), 24 * HOUR)).to.deep.equal([])
      }),
      { numRuns: 10, seed: 1 },
    )
  })

  it('is healthy for a day where it wakes up by the clock, more often than the threshold is long', () => {
    const every = fc.integer({ min: 10_000, max: 270_000 })
    fc.assert(
      fc.property(every, fc.integer({ min: 1, max: 30 }), seeds, (ms, reports, seed) => {
        expect(troubles(cron(ms, reports, seed), 24 * HOUR)).to.deep.equal([])
      }),
      { numRuns: 10 },
    )
  })

  it('is seen to have stopped a threshold after the longest gap of late, and not before', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 120_000 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(gaps, (some) => {
        const bot = new Reporter()
        for (const gap of some) bot.report(gap)
        expect(bot.seenStoppedAfter()).to.be.within(THRESHOLD, THRESHOLD + Math.max(...some) + 1000)
      }),
    )
  })

  it('is seen as soon as ever when its long gaps are two hours ago', () => {
    const bot = new Reporter()
    bot.report(250_000)
    for (let n = 0; n < 2 * 360; n++) bot.report(10_000)
    expect(bot.seenStoppedAfter()).to.equal(THRESHOLD + 10_000)
  })

  it('is degraded when it is late by more than it ever was in an hour', () => {
    const bot = new Reporter()
    for (let n = 0; n < 400; n++) bot.report(10_000)
    expect(bot.report(69_000)).to.equal('healthy')
    for (let n = 0; n < 800; n++) bot.report(10_000)
    expect(bot.report(70_000)).to.equal('degraded')
  })

  it('that stood still for hours is seen the next time at most a threshold later', () => {
    const bot = new Reporter()
    for (let n = 0; n < 10; n++) bot.report(10_000)
    bot.report(8 * HOUR)
    expect(bot.seenStoppedAfter()).to.be.within(THRESHOLD, 2 * THRESHOLD + 10_000)
  })
})

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
