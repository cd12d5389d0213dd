import { expect } from 'chai'
import { healthLine } from '#core/health/health-line.js'

describe('the health in one line', () => {
  it('is its state, and why', () => {
    expect(healthLine({ status: 'healthy', reasons: [] })).to.equal('healthy')
    expect(healthLine({ status: 'degraded', reasons: ['11 errors', 'db is down'] })).to.equal(
      'degraded: 11 errors; db is down',
    )
  })

  it('stays one short line that controls no terminal, whatever the reasons are', () => {
    const line = healthLine({ status: 'degraded', reasons: ['a\nb\u001b[31m', 'x'.repeat(1000)] })
    expect(line).to.match(/^degraded: a b\\x1b\[31m; x+$/)
    expect(line).to.have.length(200)
  })
})
