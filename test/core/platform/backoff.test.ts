import { expect } from 'chai'
import { Backoff } from '#core/platform/backoff.js'

describe('the backoff', () => {
  it('is due at once, then after a delay that doubles up to its maximum', () => {
    const backoff = new Backoff({ firstMs: 10, mostMs: 40 })
    const dueAfter = (now: number) => {
      backoff.tried(now)
      let pause = 0
      while (!backoff.isDue(now + pause)) pause++
      return pause
    }
    expect(backoff.isDue(-5)).to.equal(true)
    expect([0, 100, 200, 300].map(dueAfter)).to.deep.equal([10, 20, 40, 40])
  })

  it('starts over after a success', () => {
    const backoff = new Backoff({ firstMs: 10, mostMs: 40 })
    backoff.tried(0)
    backoff.tried(10)
    backoff.succeeded()
    expect(backoff.isDue(11)).to.equal(true)
    backoff.tried(11)
    expect([20, 21].map((now) => backoff.isDue(now))).to.deep.equal([false, true])
  })
})
