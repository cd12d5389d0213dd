import { expect } from 'chai'
import { type Figures, type Status, statusOf } from '#core/health/status.js'

const limits = { startTimeoutMs: 300_000, freezeThresholdMs: 300_000 }
const well: Figures = {
  running: true,
  stopping: false,
  delay: undefined,
  proof: 'cycle',
  sinceStartMs: 1_000_000,
  sinceCycleMs: 10_000,
  gapMs: 30_000,
  isGapKnown: true,
  errorsLastHour: 0,
  dependenciesDown: [],
  faults: [],
}

describe('the status rule', () => {
  const cases: [string, Partial<Figures>, Status][] = [
    ['cycles end in time', {}, 'healthy'],
    ['no cycle yet', { sinceCycleMs: undefined, sinceStartMs: 0 }, 'starting'],
    ['no cycle yet, just within the start timeout', { sinceCycleMs: undefined, sinceStartMs: 299_999 }, 'starting'],
    ['no cycle by the start timeout', { sinceCycleMs: undefined, sinceStartMs: 300_000 }, 'unhealthy'],
    ['a cycle not quite overdue by 2 gaps', { sinceCycleMs: 89_999 }, 'healthy'],
    ['a cycle overdue by 2 gaps', { sinceCycleMs: 90_000 }, 'degraded'],
    ['a cycle not quite overdue by the threshold', { sinceCycleMs: 329_999 }, 'degraded'],
    ['a cycle overdue by the threshold', { sinceCycleMs: 330_000 }, 'unhealthy'],
    ['a long gap, overdue by the threshold before 2 gaps', { gapMs: 1_000_000, sinceCycleMs: 1_300_000 }, 'unhealthy'],
    ['no pause between cycles', { gapMs: 0, sinceCycleMs: 10_000 }, 'healthy'],
    ['no pause between cycles, and none for a minute', { gapMs: 0, sinceCycleMs: 60_000 }, 'degraded'],
    ['a short gap, not quite a minute overdue', { gapMs: 500, sinceCycleMs: 60_499 }, 'healthy'],
    [
      'a gap that is only a guess, not quite overdue by the threshold',
      { isGapKnown: false, sinceCycleMs: 329_999 },
      'healthy',
    ],
    ['a gap that is only a guess, overdue by the threshold', { isGapKnown: false, sinceCycleMs: 330_000 }, 'unhealthy'],
    ['10 errors in the hour', { errorsLastHour: 10 }, 'healthy'],
    ['11 errors in the hour', { errorsLastHour: 11 }, 'degraded'],
    ['a service down', { dependenciesDown: ['tiingo is down: HTTP 503'] }, 'degraded'],
    ['a log that cannot be written', { faults: ["the log can't be written: ENOSPC"] }, 'degraded'],
    ['errors before the first cycle', { sinceCycleMs: undefined, sinceStartMs: 5, errorsLastHour: 50 }, 'starting'],
    [
      'only the process watched, before it was started',
      { proof: 'process', running: false, sinceCycleMs: undefined, sinceStartMs: 5 },
      'starting',
    ],
    ['only the process watched', { proof: 'process', sinceCycleMs: undefined }, 'healthy'],
    [
      'only the process watched, with errors',
      { proof: 'process', sinceCycleMs: undefined, errorsLastHour: 11 },
      'degraded',
    ],
    ['ending, whatever else', { stopping: true, errorsLastHour: 99 }, 'stopping'],
  ]
  for (const [what, figures, status] of cases) {
    it(`${what}: ${status}`, () => expect(statusOf({ ...well, ...figures }, limits).status).to.equal(status))
  }

  it('always gives a reason for a status other than healthy', () => {
    for (const [what, figures, status] of cases) {
      const { reasons } = statusOf({ ...well, ...figures }, limits)
      if (status !== 'healthy') expect(reasons, what).to.not.have.length(0)
    }
    expect(statusOf({ ...well, proof: 'process' }, limits).reasons).to.deep.equal(['only the process is watched'])
    expect(statusOf({ ...well, sinceCycleMs: 345_000 }, limits).reasons).to.deep.equal([
      'no cycle for 345 s, overdue by 315 s',
    ])
  })
})
