import { expect } from 'chai'
import { BodyRoom } from '#bots/news/feed/body-room.js'
import { Lane } from '#bots/news/lane.js'
import { rejection } from '../support.js'

const LARGE = 256 * 1024 + 1

/** Twelve large bodies and one that waits. */
function fullRoom() {
  const room = new BodyRoom()
  const inside = Array.from({ length: 12 }, () => room.enter())
  const waits = inside.map((each) => each.grow(LARGE))
  const next = room.enter()
  let allowed = false
  next.grow(LARGE)?.then(() => {
    allowed = true
  })
  return { room, inside, waits, next, isAllowed: () => new Promise(setImmediate).then(() => allowed) }
}

describe('news: the memory limit for bodies', () => {
  it('lets twelve large bodies in, and the next when one leaves', async () => {
    const { room, inside, waits, isAllowed } = fullRoom()
    await Promise.all(waits)
    expect(await isAllowed()).to.equal(false)
    inside[3]?.leave()
    inside[3]?.leave()
    expect(await isAllowed()).to.equal(true)
    let oneMore = false
    room
      .enter()
      .grow(LARGE)
      ?.then(() => {
        oneMore = true
      })
    await isAllowed()
    expect(oneMore, 'leaving twice makes room once').to.equal(false)
  })

  it('never makes a small body wait, nor a large one twice', () => {
    const { room, inside } = fullRoom()
    expect(room.enter().grow(LARGE - 1)).to.equal(undefined)
    expect(inside[0]?.grow(LARGE * 2)).to.equal(undefined)
  })

  it('forgets a body that stopped waiting', async () => {
    const { room, inside, next, isAllowed } = fullRoom()
    next.leave()
    for (const each of inside) each.leave()
    expect(await isAllowed()).to.equal(false)
    const again = Array.from({ length: 12 }, () => room.enter().grow(LARGE))
    await Promise.all(again)
  })
})

describe('news: the lane', () => {
  it('does one piece of work in each turn of the event loop, in order', async () => {
    const lane = new Lane()
    const order: string[] = []
    const first = lane.run(() => {
      order.push('first')
      setImmediate(() => order.push('others'))
    })
    await Promise.all([first, lane.run(() => order.push('second'))])
    expect(order).to.deep.equal(['first', 'others', 'second'])
  })

  it('goes on after work that throws', async () => {
    const lane = new Lane()
    const failing = lane.run(() => {
      throw new Error('no')
    })
    const next = lane.run(() => 'done')
    expect((await rejection(failing)).message).to.equal('no')
    expect(await next).to.equal('done')
  })
})
