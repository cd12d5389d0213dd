import { expect } from 'chai'
import {
  figuresOf,
  newSignal,
  type Observation,
  type Signal,
  withObservation,
  withProof,
} from '#core/health/signals.js'
import { aMonitor } from '../../support/builders/monitor.js'
import { FakeClock } from '../../support/fake-clock.js'

const THRESHOLD = 300_000

/** Observes a signal at these times, and returns its figures at the last one. */
function observed(...observations: [at: number, Observation['is']][]) {
  let signal: Signal = newSignal({ name: 'telegram', setMs: 30_000 })
  for (const [at, is] of observations) {
    const observation: Observation = is === 'proof' ? { is } : { is, why: `${is} at ${at}` }
    signal = withObservation(signal, observation, at, THRESHOLD)
  }
  return figuresOf(signal, observations.at(-1)?.[0] ?? 0, THRESHOLD)
}

describe('a signal', () => {
  it('is silent from its last proof on, with the reason of the last probe', () => {
    expect(observed([1000, 'silence'])).to.include({ sinceProofMs: undefined, why: 'silence at 1000' })
    expect(observed([1000, 'proof'], [5000, 'silence'])).to.include({ sinceProofMs: 4000, why: 'silence at 5000' })
    expect(observed([1000, 'silence'], [5000, 'proof'])).to.include({ sinceProofMs: 0, why: undefined })
  })

  it('is not silent while it can not be asked: that time does not count, also afterwards', () => {
    const before: [number, Observation['is']][] = [
      [0, 'proof'],
      [10_000, 'unknown'],
    ]
    expect(observed(...before, [900_000, 'unknown'])).to.include({ sinceProofMs: 10_000, isUnknown: true })
    expect(observed(...before, [900_000, 'silence'])).to.include({ sinceProofMs: 10_000, isUnknown: false })
    expect(observed(...before, [900_000, 'silence'], [905_000, 'silence'])).to.include({ sinceProofMs: 15_000 })
    expect(observed(...before, [900_000, 'proof'])).to.include({ sinceProofMs: 0, isUnknown: false, gapMs: 30_000 })
  })

  it('expects the gap that was set, or that was seen; at first the threshold; and one that was announced', () => {
    const log = newSignal({ name: 'log', setMs: undefined })
    expect(figuresOf(log, 0, THRESHOLD)).to.include({ gapMs: THRESHOLD, isGapKnown: false })
    const seen = withProof(withProof(log, 0, THRESHOLD), 60_000, THRESHOLD)
    expect(figuresOf(seen, 60_000, THRESHOLD)).to.include({ gapMs: 60_000, isGapKnown: false })
    const announced = withProof(seen, 120_000, THRESHOLD, 3_600_000)
    expect(figuresOf(announced, 120_000, THRESHOLD)).to.include({ gapMs: 3_600_000, isGapKnown: true })
  })
})

describe('a monitor of several signals', () => {
  const signals = [
    { name: 'report', setMs: undefined },
    { name: 'file', setMs: undefined },
  ] as const

  it('demands all of them, each in its own rhythm', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock, { signals })
    health.recordCycle()
    expect(health.state().reasons).to.deep.equal(['no proof by file since the start 0 s ago'])
    for (let minute = 0; minute < 30; minute++) {
      await clock.turn(60_000)
      health.observe('file', { is: 'proof' })
      if (minute % 10 === 0) health.recordCycle()
    }
    expect(health.state().status).to.equal('healthy')
    for (let minute = 0; minute < 6; minute++) {
      await clock.turn(60_000)
      health.recordCycle()
    }
    expect(health.state()).to.deep.equal({
      status: 'unhealthy',
      reasons: ['no proof by file for 360 s, overdue by 300 s'],
    })
  })

  it('counts each proof as a cycle, and shows the time of the signal that is silent longest', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock, { signals })
    health.recordCycle()
    expect(health.lastCycleSecondsAgo(), 'a signal without any').to.equal(null)
    await clock.turn(5000)
    health.observe('file', { is: 'proof' })
    health.observe('file', { is: 'silence', why: 'BOT_PROOF_FILE has not been written' })
    await clock.turn(2000)
    expect(health.lastCycleSecondsAgo()).to.equal(7)
    expect([health.totalCycles, health.hasProven('file'), health.hasProven('url')]).to.deep.equal([2, true, false])
    expect(health.signals).to.deep.equal(['report', 'file'])
  })

  it('takes no cycle for the proof of another signal', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock, { signals: [{ name: 'url', setMs: 1000 }] })
    health.recordCycle()
    expect(health.state().status).to.equal('starting')
    expect(health.totalCycles).to.equal(1)
  })
})
