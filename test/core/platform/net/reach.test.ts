import net, { type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { isReachable, whyNotReachable } from '#core/platform/net/reach.js'

describe('the reachability of a host', () => {
  it('is given if it accepts a connection, whether it ever answers or not', async () => {
    const server = net.createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    expect(await isReachable(`http://127.0.0.1:${port}/secret`, 5000)).to.equal(true)
    server.close()
  })

  it('is given if it refuses', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    expect(await isReachable(`https://127.0.0.1:${port}`, 5000)).to.equal(true)
  })

  it('is not given if its name is unknown', async () => {
    expect(await isReachable('https://nowhere.invalid', 5000)).to.equal(false)
  })

  it('has its reason where a connection does not come about, and nothing is sent over one that does', async () => {
    const received: Buffer[] = []
    const server = net.createServer((socket) => socket.on('data', (data) => received.push(data))).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    expect(await whyNotReachable(`http://127.0.0.1:${port}/secret`, 5000)).to.equal(undefined)
    await new Promise((resolve) => server.close(resolve))
    expect(received).to.deep.equal([])
    expect(await whyNotReachable(`https://127.0.0.1:${port}/secret`, 5000)).to.equal('connection refused')
    expect(await whyNotReachable('https://nowhere.invalid/secret', 5000))
      .to.be.a('string')
      .and.not.contain('secret')
  })
})
