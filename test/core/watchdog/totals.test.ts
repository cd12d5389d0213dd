import { expect } from 'chai'
import { openIncident } from '#core/incidents/incident.js'
import { initialState } from '#core/watchdog/policy/state.js'
import { areTotals, NO_TOTALS, withStep } from '#core/watchdog/totals.js'
import { RULES } from '../../support/builders/watchdog-rules.js'

describe('the totals of a watchdog', () => {
  const before = initialState(0, RULES)
  const incident = openIncident('hangs', 1000)

  it('count an incident once, when it is opened, and each restart that is begun for it', () => {
    const opened = withStep(NO_TOTALS, before, { state: { ...before, incident }, effects: [{ do: 'alert', incident }] })
    expect(opened).to.deep.equal({ restarts: {}, incidents: { hangs: 1 } })
    const open = { ...before, incident }
    const step = {
      state: open,
      effects: [{ do: 'restart' as const, incident: { ...incident, why: 'silent' as const } }],
    }
    const twice = withStep(withStep(opened, open, step), open, step)
    expect(twice).to.deep.equal({ restarts: { silent: 2 }, incidents: { hangs: 1 } })
  })

  it('stay as they are when nothing of that happens', () => {
    expect(withStep(NO_TOTALS, before, { state: before, effects: [] })).to.equal(NO_TOTALS)
  })

  it('are taken from a file only when they are whole, and of causes that are known', () => {
    expect(areTotals({ restarts: { hangs: 2 }, incidents: {} })).to.equal(true)
    for (const value of [
      null,
      {},
      { restarts: {}, incidents: null },
      { restarts: { hangs: -1 }, incidents: {} },
      { restarts: { hangs: '2' }, incidents: {} },
      { restarts: { 'x"} 1': 2 }, incidents: {} },
    ])
      expect(areTotals(value), JSON.stringify(value)).to.equal(false)
  })
})
