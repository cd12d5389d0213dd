import { EventEmitter } from 'node:events'
import { expect } from 'chai'
import { Live, MAXIMUM_VIEWERS, UPDATE_MS } from '#core/health/page/live.js'
import type { ServerResponse } from '#core/platform/net/http.js'
import { FakeClock } from '../../../support/fake-clock.js'

class Viewer extends EventEmitter {
  written: string[] = []
  writableLength = 0
  isOver = false
  write(text: string) {
    this.written.push(text)
  }
  end() {
    this.isOver = true
    this.emit('close')
  }
  destroy() {
    this.end()
  }
}

describe('the live updates of the status page', () => {
  function open() {
    const clock = new FakeClock()
    let asked = 0
    const live = new Live(clock, {
      first: () => ({ event: 'now', data: { first: true } }),
      next: () => [{ event: 'now', data: { asked: ++asked } }],
    })
    const add = () => {
      const viewer = new Viewer()
      live.add(viewer as unknown as ServerResponse)
      return viewer
    }
    return { clock, live, add, asked: () => asked }
  }

  it('tells a new viewer all, and every viewer the same every few seconds', async () => {
    const { clock, add, asked } = open()
    const viewers = [add(), add()]
    expect(viewers[0]?.written).to.deep.equal(['retry: 3000\n\nevent: now\ndata: {"first":true}\n\n'])
    await clock.turn(2 * UPDATE_MS)
    for (const { written } of viewers)
      expect(written.slice(1)).to.deep.equal(['event: now\ndata: {"asked":1}\n\n', 'event: now\ndata: {"asked":2}\n\n'])
    expect(asked(), 'once for all').to.equal(2)
  })

  it('does nothing without a viewer', async () => {
    const { clock, add, asked } = open()
    await clock.turn(10 * UPDATE_MS)
    expect(asked()).to.equal(0)
    const viewer = add()
    await clock.turn(UPDATE_MS)
    viewer.emit('close')
    await clock.turn(10 * UPDATE_MS)
    expect(asked()).to.equal(1)
  })

  it('has room for so many viewers', () => {
    const { live, add } = open()
    const viewers = Array.from({ length: MAXIMUM_VIEWERS }, add)
    expect(live.hasRoom).to.equal(false)
    viewers[3]?.emit('close')
    expect(live.hasRoom).to.equal(true)
  })

  it('drops a viewer that does not take what it is told', async () => {
    const { clock, live, add } = open()
    const [slow, quick] = [add(), add()]
    slow.writableLength = 1_000_000
    await clock.turn(UPDATE_MS)
    expect([slow.isOver, quick.isOver, live.viewers]).to.deep.equal([true, false, 1])
  })

  it('tells its viewers when the bot stops, and takes no more', async () => {
    const { clock, live, add, asked } = open()
    const viewer = add()
    live.close()
    expect(viewer.written.at(-1)).to.include('event: over')
    expect([viewer.isOver, live.viewers, live.hasRoom]).to.deep.equal([true, 0, false])
    await clock.turn(10 * UPDATE_MS)
    expect(asked()).to.equal(1)
  })
})
