import net, { type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { isReachable } from '#core/system/reach.js'

describe('a host outside', () => {
  it('is there when it takes a connection, whether it ever answers or not', async () => {
    const server = net.createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    expect(await isReachable(`http://127.0.0.1:${port}/secret`, 5000)).to.equal(true)
    server.close()
  })

  it('is there when it refuses', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    expect(await isReachable(`https://127.0.0.1:${port}`, 5000)).to.equal(true)
  })

  it('is not there when its name is unknown', async () => {
    expect(await isReachable('https://nowhere.invalid', 5000)).to.equal(false)
  })
})
