import { expect } from 'chai'
import { FaultLatch } from '#core/platform/fault-latch.js'

describe('a fault that is seen again and again', () => {
  it('is reported once, as is another one, and that it is over', () => {
    const reported: (string | undefined)[] = []
    const latch = new FaultLatch((fault) => reported.push(fault))
    for (const fault of [undefined, 'full', 'full', 'denied', 'full', undefined, undefined, 'full']) latch.set(fault)
    expect(reported).to.deep.equal(['full', 'denied', 'full', undefined, 'full'])
  })
})
