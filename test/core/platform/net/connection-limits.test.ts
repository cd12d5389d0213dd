import net from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import { connectionToDrop } from '#core/platform/net/connection-limits.js'
import { type Listener, serve } from '#core/platform/net/http.js'
import { ask } from '../../../support/e2e/ask.js'
import { until } from '../../../support/e2e/until.js'

const limits = { total: 4, perAddress: 3 }

describe('the connection to drop', () => {
  const cases: [string, Record<string, string[]>, string, string | undefined][] = [
    ['none while there is room', { a: ['a1', 'a2', 'a3'], b: ['b1'] }, 'b', undefined],
    ['the oldest of an address that has too many', { b: ['b1'], a: ['a1', 'a2', 'a3', 'a4'] }, 'a', 'a1'],
    ['the oldest of the address that has the most', { b: ['b1'], a: ['a1', 'a2', 'a3'], c: ['c1'] }, 'c', 'a1'],
    ['the oldest of all where each has one', { b: ['b1'], a: ['a1'], c: ['c1'], d: ['d1'], e: ['e1'] }, 'e', 'b1'],
  ]
  for (const [what, open, newcomer, dropped] of cases) {
    it(`is ${what}`, () => {
      const connections = new Map(Object.entries(open).map(([address, names]) => [address, new Set(names)]))
      expect(connectionToDrop(connections, newcomer, limits)).to.equal(dropped)
    })
  }

  it('is never the newest, and never from another address than the one with the most', () => {
    const addresses = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(addresses, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (order, total, each) => {
        const open = new Map<string, Set<number>>()
        for (const [at, address] of order.entries()) {
          const connections = open.get(address) ?? new Set()
          open.delete(address)
          open.set(address, connections.add(at))
          const dropped = connectionToDrop(open, address, { total, perAddress: each })
          const sizes = [...open].map(([name, { size }]) => [name, size] as const)
          const count = sizes.reduce((sum, [, size]) => sum + size, 0)
          if (dropped === undefined) {
            expect(count).to.be.at.most(total)
            expect(connections.size).to.be.at.most(each)
            continue
          }
          expect(dropped).to.not.equal(at)
          const [loser, size] = sizes.find(([name]) => open.get(name)?.has(dropped)) ?? []
          expect(dropped).to.equal(Math.min(...(open.get(loser ?? '') ?? [])))
          if (loser !== address) expect(size).to.equal(Math.max(...sizes.map(([, one]) => one)))
          open.get(loser ?? '')?.delete(dropped)
          if (open.get(loser ?? '')?.size === 0) open.delete(loser ?? '')
        }
      }),
    )
  })
})

describe('a listener full of connections that say nothing', () => {
  let listener: Listener
  const sockets: net.Socket[] = []

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await listener.close()
  })

  async function silent(localAddress = '127.0.0.1'): Promise<net.Socket> {
    const socket = net.connect({ host: '127.0.0.1', port: listener.port, localAddress }).on('error', () => {})
    sockets.push(socket)
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-')
    return socket
  }

  it('drops the oldest of them, and answers the newest', async () => {
    listener = await serve({ host: '127.0.0.1', port: 0, limits }, (_, response) => response.end('ok'))
    const [first, second, third] = [await silent(), await silent(), await silent()]
    expect((await ask(`http://127.0.0.1:${listener.port}/`)).body).to.equal('ok')
    await until(() => first.destroyed)
    expect([second.destroyed, third.destroyed]).to.deep.equal([false, false])
  })

  it('keeps a connection that sends requests longer than silent ones', async () => {
    listener = await serve({ host: '127.0.0.1', port: 0, limits }, (_, response) => response.end('ok'))
    let answers = ''
    const alive = net.connect(listener.port, '127.0.0.1').on('error', () => {})
    sockets.push(alive)
    alive.on('data', (text) => {
      answers += text
    })
    const asks = async (count: number) => {
      alive.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await until(() => answers.split('HTTP/1.1 200').length === count + 1)
    }
    await asks(1)
    const [first] = [await silent(), await silent()]
    await asks(2)
    await silent()
    await until(() => first.destroyed)
    expect(alive.destroyed).to.equal(false)
  })

  it('drops nobody of another address for one that fills it', async () => {
    if (process.platform !== 'linux') return // elsewhere loopback is one address
    listener = await serve({ host: '127.0.0.1', port: 0, limits }, (_, response) => response.end('ok'))
    const neighbour = await silent('127.0.0.2')
    const first = await silent()
    for (let n = 0; n < 5; n++) await silent()
    await until(() => first.destroyed)
    expect(neighbour.destroyed).to.equal(false)
  })
})
