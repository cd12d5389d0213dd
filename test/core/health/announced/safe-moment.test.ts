import { expect } from 'chai'
import { type Business, businessOf } from '#core/health/announced/safe-moment.js'
import type { Health } from '#core/health/client.js'
import type { HealthReport } from '#core/health/report.js'

const BUSY: Business = { busy: { why: 'open order', until: '2026-03-01T12:10:00.000Z' } }

describe('a bot with a busy note', () => {
  const { busy } = BUSY
  const health = (status: Health['status'], report: object = { busy }): Health => ({
    status,
    reasons: [],
    report: report as HealthReport,
  })

  it('is waited for while it works, starts or is degraded, not where it hangs or stops', () => {
    for (const status of ['healthy', 'degraded', 'starting'] as const)
      expect(businessOf(health(status)), status).to.deep.equal(BUSY)
    for (const status of ['unhealthy', 'stopping'] as const) expect(businessOf(health(status)), status).to.equal('idle')
    expect(businessOf({ status: 'unreachable', reasons: [] })).to.equal('silent')
  })

  it('is not busy where the note is over, or of a version that knows none', () => {
    expect(businessOf(health('healthy', { busy: null }))).to.equal('idle')
    expect(businessOf(health('healthy', {}))).to.equal('idle')
    expect(businessOf({ status: 'unknown', reasons: [] })).to.equal('idle')
  })
})
