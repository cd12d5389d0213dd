import { expect } from 'chai'
import { withIsoTimes } from '#cli/json-times.js'

describe('times in --json', () => {
  it('are printed in UTC, however deeply nested', () => {
    const backup = { id: 'x', at: Date.UTC(2026, 0, 31, 8), count: 3 }
    expect(withIsoTimes([{ backup, since: 1769846400000.4, list: [{ at: 0 }] }])).to.deep.equal([
      {
        backup: { id: 'x', at: '2026-01-31T08:00:00.000Z', count: 3 },
        since: '2026-01-31T08:00:00.000Z',
        list: [{ at: '1970-01-01T00:00:00.000Z' }],
      },
    ])
  })

  it('stay unchanged if they are text already, or unknown', () => {
    for (const same of [{ since: '2026-01-31T08:00:00.000Z' }, { since: null }, [], { outcome: 'nothing' }])
      expect(withIsoTimes(same)).to.deep.equal(same)
    expect(withIsoTimes(undefined)).to.equal(undefined)
  })

  it('stay unchanged if they are no valid time, as in an edited file', () => {
    expect(withIsoTimes([{ at: 1e20 }, { since: -1e20 }])).to.deep.equal([{ at: 1e20 }, { since: -1e20 }])
  })
})
