import net, { type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { isOutside, isReachable, whyNotReachable } from '#core/platform/net/reach.js'

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

  it("tells of the way out only where the host is in no network of one's own", () => {
    for (const host of ['discord.com', 'ntfy.sh', '8.8.8.8', '172.15.0.1', '[2001:db8::1]'])
      expect(isOutside(`https://${host}/x`), host).to.equal(true)
    for (const host of ['localhost', '127.1', 'nas', 'ntfy.lan', 'kuma.local', 'x.home.arpa', '[::1]', '[fd00::1]'])
      expect(isOutside(`http://${host}:8080/x`), host).to.equal(false)
    for (const host of ['10.1.2.3', '172.31.0.1', '192.168.1.9', '169.254.1.1', '100.64.0.1', '[::ffff:10.0.0.1]'])
      expect(isOutside(`http://${host}/x`), host).to.equal(false)
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
