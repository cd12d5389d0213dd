import { expect } from 'chai'
import { every, realClock, sleep, within } from '#core/platform/clock.js'
import { FakeClock } from '../../support/fake-clock.js'

describe('the clock', () => {
  it('ends a sleep early when its signal aborts', async () => {
    const clock = new FakeClock()
    const end = new AbortController()
    let over = 0
    void sleep(clock, 1000, end.signal).then(() => over++)
    void sleep(clock, 1000).then(() => over++)
    await clock.turn(999)
    expect(over).to.equal(0)
    end.abort()
    await clock.turn(0)
    expect(over).to.equal(1)
    await clock.turn(1)
    expect(over).to.equal(2)
    await sleep(clock, 1000, AbortSignal.abort())
  })

  it('repeats until it is stopped, never two rounds at once', async () => {
    const clock = new FakeClock()
    let rounds = 0
    const stop = every(clock, 100, async () => {
      rounds++
      await sleep(clock, 250)
    })
    await clock.turn(1000)
    expect(rounds).to.equal(3)
    stop()
    await clock.turn(1000)
    expect(rounds).to.equal(3)
  })

  it('stops waiting after the time limit, and passes on what arrived or failed in time', async () => {
    const clock = new FakeClock()
    const late = within(clock, 100, new Promise(() => {}))
    await clock.turn(100)
    expect(await late).to.equal(undefined)
    expect(await within(clock, 100, Promise.resolve(1))).to.equal(1)
    const failure = await within(clock, 100, Promise.reject(new Error('x'))).catch((error: Error) => error.message)
    expect(failure).to.equal('x')
  })

  it('accepts a timer of months', () => {
    let fired = false
    const cancel = realClock.after(2 ** 40, () => {
      fired = true
    })
    cancel()
    expect(fired).to.equal(false)
  })
})
