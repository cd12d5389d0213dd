import { expect } from 'chai'
import type { SignalFigures } from '#core/health/signals.js'
import { type Figures, type Status, statusOf } from '#core/health/status.js'

const limits = { startTimeoutMs: 300_000, freezeThresholdMs: 300_000 }
const fresh: SignalFigures = {
  name: 'cycle',
  sinceProofMs: 10_000,
  gapMs: 30_000,
  isGapKnown: true,
  why: undefined,
  isUnknown: false,
}

/** Returns the figures of a bot that works, but for these; those of a signal are its only one's. */
function figuresWith(changes: Partial<Figures & SignalFigures>): Figures {
  return {
    running: true,
    stopping: false,
    delay: undefined,
    sinceStartMs: 1_000_000,
    signs: [],
    errorsLastHour: 0,
    dependenciesDown: [],
    faults: [],
    signals: [{ ...fresh, ...changes }],
    ...changes,
  }
}

describe('the status rule', () => {
  const cases: [string, Partial<Figures & SignalFigures>, Status][] = [
    ['cycles end in time', {}, 'healthy'],
    ['only the process is watched, and signs that it is deaf', { signals: [], signs: ['deaf'] }, 'degraded'],
    ['no cycle yet', { sinceProofMs: undefined, sinceStartMs: 0 }, 'starting'],
    ['no cycle yet, just within the start timeout', { sinceProofMs: undefined, sinceStartMs: 299_999 }, 'starting'],
    ['no cycle by the start timeout', { sinceProofMs: undefined, sinceStartMs: 300_000 }, 'unhealthy'],
    ['a cycle not quite overdue by 2 gaps', { sinceProofMs: 89_999 }, 'healthy'],
    ['a cycle overdue by 2 gaps', { sinceProofMs: 90_000 }, 'degraded'],
    ['a cycle not quite overdue by the threshold', { sinceProofMs: 329_999 }, 'degraded'],
    ['a cycle overdue by the threshold', { sinceProofMs: 330_000 }, 'unhealthy'],
    ['a long gap, overdue by the threshold before 2 gaps', { gapMs: 1_000_000, sinceProofMs: 1_300_000 }, 'unhealthy'],
    ['no pause between cycles', { gapMs: 0, sinceProofMs: 10_000 }, 'healthy'],
    ['no pause between cycles, and none for a minute', { gapMs: 0, sinceProofMs: 60_000 }, 'degraded'],
    ['a short gap, not quite a minute overdue', { gapMs: 500, sinceProofMs: 60_499 }, 'healthy'],
    [
      'a gap that is only a guess, not quite overdue by the threshold',
      { isGapKnown: false, sinceProofMs: 329_999 },
      'healthy',
    ],
    ['a gap that is only a guess, overdue by the threshold', { isGapKnown: false, sinceProofMs: 330_000 }, 'unhealthy'],
    ['10 errors in the hour', { errorsLastHour: 10 }, 'healthy'],
    ['11 errors in the hour', { errorsLastHour: 11 }, 'degraded'],
    ['a service down', { dependenciesDown: ['tiingo is down: HTTP 503'] }, 'degraded'],
    ['a log that cannot be written', { faults: ["the log can't be written: ENOSPC"] }, 'degraded'],
    ['errors before the first cycle', { sinceProofMs: undefined, sinceStartMs: 5, errorsLastHour: 50 }, 'starting'],
    ['only the process watched, before it was started', { signals: [], running: false, sinceStartMs: 5 }, 'starting'],
    ['only the process watched', { signals: [] }, 'healthy'],
    ['only the process watched, with errors', { signals: [], errorsLastHour: 11 }, 'degraded'],
    ['ending, whatever else', { stopping: true, errorsLastHour: 99 }, 'stopping'],
  ]
  for (const [what, figures, status] of cases) {
    it(`${what}: ${status}`, () => expect(statusOf(figuresWith(figures), limits).status).to.equal(status))
  }

  it('always gives a reason for a status other than healthy', () => {
    for (const [what, figures, status] of cases) {
      const { reasons } = statusOf(figuresWith(figures), limits)
      if (status !== 'healthy') expect(reasons, what).to.not.have.length(0)
    }
    expect(statusOf(figuresWith({ signals: [] }), limits).reasons).to.deep.equal(['only the process is watched'])
    expect(statusOf(figuresWith({ sinceProofMs: 345_000 }), limits).reasons).to.deep.equal([
      'no cycle for 345 s, overdue by 315 s',
    ])
  })

  const silent = { ...fresh, sinceProofMs: 345_000, why: 'HTTP 503' }

  it('says why the last probe proved nothing, and names every signal but a single one of cycles', () => {
    for (const [names, words] of [
      [['url'], ['no cycle for 345 s, overdue by 315 s: HTTP 503']],
      [['log'], ['no proof by log for 345 s, overdue by 315 s: HTTP 503']],
      [
        ['cycle', 'url'],
        ['no cycle for 345 s, overdue by 315 s: HTTP 503', 'no proof by url for 345 s, overdue by 315 s: HTTP 503'],
      ],
    ] as const)
      expect(statusOf(figuresWith({ signals: names.map((name) => ({ ...silent, name })) }), limits)).to.deep.equal({
        status: 'unhealthy',
        reasons: words,
      })
  })

  it('names the stale one of several signals, and forgives none for the others', () => {
    const signals = [fresh, { ...silent, name: 'url' as const }, { ...fresh, name: 'file' as const }]
    const { status, reasons } = statusOf(figuresWith({ signals }), limits)
    expect(status).to.equal('unhealthy')
    expect(reasons).to.deep.equal(['no proof by url for 345 s, overdue by 315 s: HTTP 503'])
  })

  it('awaits the first proof of each signal, and lets a stale one count meanwhile', () => {
    const awaited = { ...fresh, name: 'log' as const, sinceProofMs: undefined }
    expect(statusOf(figuresWith({ signals: [fresh, awaited], sinceStartMs: 12_000 }), limits)).to.deep.equal({
      status: 'starting',
      reasons: ['no proof by log since the start 12 s ago'],
    })
    expect(statusOf(figuresWith({ signals: [silent, awaited], sinceStartMs: 12_000 }), limits).status).to.equal(
      'unhealthy',
    )
    expect(statusOf(figuresWith({ signals: [fresh, awaited] }), limits).status).to.equal('unhealthy')
  })

  it('calls a bot degraded, not unhealthy, for what we can not ask', () => {
    const unknown = { ...fresh, name: 'telegram' as const, isUnknown: true, why: 'HTTP 502' }
    const reasons = ["telegram can't be asked: HTTP 502"]
    for (const sinceProofMs of [10_000, 329_000, undefined])
      expect(statusOf(figuresWith({ signals: [{ ...unknown, sinceProofMs }] }), limits)).to.deep.equal({
        status: 'degraded',
        reasons,
      })
    const starting = figuresWith({ signals: [{ ...unknown, sinceProofMs: undefined }], sinceStartMs: 5000 })
    expect(statusOf(starting, limits).status).to.equal('starting')
  })
})
