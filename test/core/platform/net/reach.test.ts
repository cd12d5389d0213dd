import net, { type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { isReachable } from '#core/platform/net/reach.js'

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
})
