import { expect } from 'chai'
import { Announcements, announcedIn, announcedOf, isForSeconds } from '#core/health/announced/announced.js'
import { redactor } from '#core/logging/redact.js'
import { FakeClock } from '../../../support/fake-clock.js'

describe('what a bot announces', () => {
  it('ends by itself, by zero seconds, or by the next announcement', async () => {
    const clock = new FakeClock()
    const announced = new Announcements(clock)
    expect(announced.busyWith).to.equal(undefined)
    announced.busy(600, 'open order')
    await clock.turn(599_999)
    expect(announcedOf(announced.busyWith)).to.deep.equal({ why: 'open order', until: '2026-03-01T12:10:00.000Z' })
    await clock.turn(1)
    expect([announced.busyWith, announcedOf(announced.busyWith)]).to.deep.equal([undefined, null])
    announced.busy(600, 'open order')
    announced.busy(10, 'another one')
    expect(announced.busyWith?.why).to.equal('another one')
    announced.busy(0)
    expect(announced.busyWith).to.equal(undefined)
  })

  it('is not shortened by a clock that somebody sets', async () => {
    const clock = new FakeClock()
    const announced = new Announcements(clock)
    announced.starting(600, 'migrating')
    clock.jump(3_600_000)
    await clock.turn(599_000)
    expect(announced.startExtension?.why).to.equal('migrating')
  })

  it('extends a start by a day at most, however often it is said', async () => {
    const clock = new FakeClock()
    const announced = new Announcements(clock)
    const day = 24 * 3600
    for (let hour = 0; hour < 24; hour++) {
      announced.starting(day, 'migrating')
      expect(announced.startExtension?.why, `hour ${hour}`).to.equal('migrating')
      await clock.turn(3_600_000)
    }
    announced.starting(day, 'migrating')
    expect(announced.startExtension).to.equal(undefined)
  })

  it('has a reason without secrets, also without those that its end would cut', () => {
    const announced = new Announcements(new FakeClock(), redactor(['0123456789abcdef']))
    announced.busy(1, 'order with 0123456789abcdef')
    announced.starting(1, `${'x'.repeat(190)} 0123456789abcdef`)
    expect(announced.busyWith?.why).to.equal('order with [hidden]')
    expect(announced.startExtension?.why).to.not.contain('0123')
  })

  it('has a reason of one short line that controls no terminal', () => {
    const announced = new Announcements(new FakeClock())
    const why = (text?: string) => {
      announced.busy(1, text)
      return announced.busyWith?.why
    }
    expect(why('  open\n order\u001b[2J ')).to.equal('open order\\x1b[2J')
    expect(why('x'.repeat(10_000))).to.have.length(200)
    for (const nothing of ['', ' \n', undefined]) expect(why(nothing)).to.equal('no reason given')
  })

  it('lasts for a number of seconds of a day at most', () => {
    for (const seconds of [0, 0.5, 600, 86_400]) expect(isForSeconds(seconds), String(seconds)).to.equal(true)
    for (const seconds of [-1, 86_401, Number.NaN, Infinity, '600', null, undefined])
      expect(isForSeconds(seconds), String(seconds)).to.equal(false)
  })

  it("is read from a health report with care: that may be anybody's", () => {
    expect(announcedIn({ why: 'a\u001b[2J', until: 'x' })).to.deep.equal({ why: 'a\\x1b[2J', until: 'x' })
    for (const other of [undefined, null, 5, 'busy', {}, { why: 1, until: 2 }])
      expect(announcedIn(other)).to.equal(undefined)
  })
})
