import { expect } from 'chai'
import { NO_COUNTS } from '#core/health/counters.js'
import type { HealthMonitor } from '#core/health/monitor.js'
import { aMonitor } from '../../support/builders/monitor.js'
import { FakeClock } from '../../support/fake-clock.js'

function reporter(clock: FakeClock): HealthMonitor {
  return aMonitor(clock, { signals: [{ name: 'report', setMs: undefined }] })
}

describe('the health monitor', () => {
  it('goes from starting to healthy, degraded and unhealthy, and back with one cycle', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock)
    expect(health.state().status).to.equal('starting')
    health.recordCycle({ durationMs: 500 })
    expect(health.state().status).to.equal('healthy')
    await clock.turn(100_000)
    expect(health.state().status).to.equal('degraded')
    await clock.turn(231_000)
    expect(health.state().status).to.equal('unhealthy')
    health.recordCycle()
    expect(health.state().status).to.equal('healthy')
  })

  it('is unhealthy when the first cycle never comes', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock)
    await clock.turn(60_000)
    expect(health.state().status).to.equal('unhealthy')
  })

  it('starts for as long as the bot itself has said, and is unhealthy after that', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock)
    health.announced.starting(1800, 'migrating')
    await clock.turn(1_799_000)
    expect(health.state()).to.deep.equal({
      status: 'starting',
      reasons: ['no cycle since the start 1799 s ago', 'the start takes longer: migrating, until 2026-03-01 12:30:00'],
    })
    await clock.turn(1000)
    expect(health.state().status).to.equal('unhealthy')
    health.recordCycle()
    expect(health.state()).to.deep.equal({ status: 'healthy', reasons: [] })
  })

  it('does not shorten a start by what the bot has announced', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock)
    health.announced.starting(10, 'migrating')
    await clock.turn(59_000)
    expect(health.state().status).to.equal('starting')
  })

  it('is starting as long as its start is delayed, and has its whole time to start after that', async () => {
    const clock = new FakeClock()
    for (const signals of [[{ name: 'cycle', setMs: 30_000 }], []] as const) {
      const health = aMonitor(clock, { signals })
      health.setDelay('waits until 12:00:00')
      await clock.turn(600_000)
      expect(health.state()).to.deep.equal({ status: 'starting', reasons: ['waits until 12:00:00'] })
      health.endDelay()
      await clock.turn(59_000)
      expect(health.state().status).to.equal('starting')
      expect([health.uptimeSeconds(), health.startedAt]).to.deep.equal([59, clock.now() - 59_000])
    }
  })

  it('can be told of a long start by the bot also after a delay of a day', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock)
    health.setDelay('waits until tomorrow')
    await clock.turn(24 * 3_600_000)
    health.endDelay()
    health.announced.starting(1800, 'migrating')
    await clock.turn(1_799_000)
    expect(health.state().status).to.equal('starting')
  })

  it('knows since when its status is the same', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock)
    const noon = clock.now()
    await clock.turn(10_000)
    expect(health.state().status).to.equal('starting')
    expect(health.statusSince).to.equal(noon + 10_000)
    health.recordCycle()
    await clock.turn(5000)
    expect([health.state().status, health.statusSince]).to.deep.equal(['healthy', noon + 15_000])
    await clock.turn(5000)
    expect([health.state().status, health.statusSince]).to.deep.equal(['healthy', noon + 15_000])
  })

  it('does not count slow but regular cycles as late', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock)
    for (let n = 0; n < 10; n++) {
      await clock.turn(200_000) // each takes 170 s, with a pause of 30 s
      health.recordCycle()
    }
    await clock.turn(199_000)
    expect(health.state().status).to.equal('healthy')
  })

  it('expects the next cycle when a report announced it, at first by the threshold', async () => {
    const clock = new FakeClock()
    const health = reporter(clock)
    health.recordCycle()
    await clock.turn(599_000)
    expect(health.state().status).to.equal('healthy')
    await clock.turn(1_000)
    expect(health.state().status, 'a threshold after the first gap of a threshold').to.equal('unhealthy')
    health.recordCycle({ nextMs: 3_600_000 })
    await clock.turn(3_600_000)
    expect(health.state().status).to.equal('healthy')
    health.recordCycle({ nextMs: 10_000 })
    await clock.turn(69_000)
    expect(health.state().status).to.equal('healthy')
    await clock.turn(1_000)
    expect(health.state().status).to.equal('degraded')
  })

  it('measures intervals on the monotonic clock: a clock that was set changes nothing', async () => {
    const clock = new FakeClock()
    const health = aMonitor(clock)
    health.recordCycle()
    clock.jump(400 * 24 * 3_600_000)
    expect(health.state().status).to.equal('healthy')
    expect(health.uptimeSeconds()).to.equal(0)
    clock.jump(-800 * 24 * 3_600_000)
    expect(health.lastCycleSecondsAgo()).to.equal(0)
  })

  it('hides the last cycle where only the process is watched, until reports come', () => {
    const health = aMonitor(new FakeClock(), { signals: [] })
    health.recordCycle()
    expect(health.lastCycleSecondsAgo()).to.equal(null)
    health.watch({ name: 'report', setMs: undefined })
    health.recordCycle()
    expect(health.lastCycleSecondsAgo()).to.equal(0)
  })

  it('names dependencies and faults, and forgets them when they are over', () => {
    const health = aMonitor(new FakeClock())
    health.recordCycle()
    health.setDependency('tiingo', 'HTTP 503')
    health.setFault('log', "the log can't be written: ENOSPC")
    expect(health.state()).to.deep.equal({
      status: 'degraded',
      reasons: ['tiingo is down: HTTP 503', "the log can't be written: ENOSPC"],
    })
    expect(health.dependencies()).to.deep.equal({ tiingo: 'unhealthy' })
    health.setDependency('tiingo', undefined)
    health.setFault('log', undefined)
    expect(health.state()).to.deep.equal({ status: 'healthy', reasons: [] })
  })

  it('passes on every count, and goes on from the saved ones', () => {
    const clock = new FakeClock()
    const first = aMonitor(clock)
    first.recordCycle()
    first.recordAlert()
    const kept: unknown[] = []
    let counters = NO_COUNTS
    const before = aMonitor(clock, {
      onCount: (now) => {
        counters = now
      },
    })
    before.recordCycle()
    before.recordAlert()
    const after = aMonitor(clock, { counters, onCount: (now) => kept.push(now) })
    after.recordAlert()
    expect(after.counts()).to.deep.equal({ cyclesToday: 1, alertsToday: 2, alertsWeek: 2 })
    expect(kept).to.have.length(1)
  })

  it('tells how long cycles take', () => {
    const health = aMonitor(new FakeClock())
    expect(health.cycleSeconds()).to.deep.equal({ p50: null, p95: null })
    for (let n = 1; n <= 100; n++) health.recordCycle({ durationMs: n * 10 })
    expect(health.cycleSeconds()).to.deep.equal({ p50: 0.5, p95: 0.95 })
  })
})
