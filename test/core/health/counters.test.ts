import { expect } from 'chai'
import {
  alertsWeek,
  areCounters,
  countersAt,
  ErrorWindow,
  NO_COUNTS,
  type SavedCounters,
  withAlert,
  withCycle,
  withStart,
} from '#core/health/counters.js'

const HOUR = 3_600_000
const evening = new Date(2026, 2, 1, 23, 59, 30).getTime()

describe('the counters', () => {
  it('of today begin anew at local midnight', () => {
    let counters: SavedCounters = NO_COUNTS
    for (let n = 0; n < 3; n++) counters = withCycle(counters, evening)
    counters = withAlert(counters, evening)
    expect(counters).to.include({ cyclesToday: 3, alertsToday: 1 })
    const morning = countersAt(counters, evening + 60_000)
    expect(morning).to.include({ cyclesToday: 0, alertsToday: 0 })
    expect(alertsWeek(morning)).to.equal(1)
  })

  it('of the week cover 7 days and no more', () => {
    let counters = withAlert(NO_COUNTS, evening)
    counters = withAlert(counters, evening + 6 * 24 * HOUR)
    expect(alertsWeek(countersAt(counters, evening + 6 * 24 * HOUR))).to.equal(2)
    expect(alertsWeek(countersAt(counters, evening + 7 * 24 * HOUR + HOUR))).to.equal(1)
  })

  it('forget what a clock that was set back put into the future', () => {
    const counters = withAlert(NO_COUNTS, evening + 48 * HOUR)
    expect(alertsWeek(countersAt(counters, evening))).to.equal(0)
  })

  it('of the starts go on through midnights, by what led to each', () => {
    let counters = withStart(withStart(NO_COUNTS, 'exit'), 'exit')
    counters = withCycle(withStart(counters, 'person'), evening + 48 * HOUR)
    expect(counters.starts).to.deep.equal({ exit: 2, person: 1 })
    expect(areCounters({ ...counters })).to.equal(true)
    expect(areCounters({ ...counters, starts: { 'x"': 1 } })).to.equal(false)
    expect(areCounters({ ...counters, starts: null })).to.equal(false)
  })

  it('are taken from a file only when they are whole', () => {
    expect(areCounters({ ...withAlert(NO_COUNTS, evening) })).to.equal(true)
    expect(areCounters({ ...NO_COUNTS, alertsByHour: { 1: 'x' } })).to.equal(false)
    expect(areCounters({ day: '2026-03-01' })).to.equal(false)
  })

  it('of errors slide by the minute, and stay small', () => {
    const window = new ErrorWindow()
    for (let n = 0; n < 100_000; n++) window.add(30_000)
    window.add(61_000)
    expect(window.count(61_000)).to.equal(100_001)
    expect(window.count(60 * 60_000 - 1)).to.equal(100_001)
    expect(window.count(60 * 60_000 + 1)).to.equal(1)
    expect(window.count(62 * 60_000)).to.equal(0)
  })
})
