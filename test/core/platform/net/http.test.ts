import net, { type AddressInfo } from 'node:net'
import { expect } from 'chai'
import { ask, serve } from '#core/platform/net/http.js'
import { portHolder } from '#core/platform/net/port-holder.js'

describe('ports and requests', () => {
  it('name the process that holds a port', async () => {
    const server = net.createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    expect((await portHolder(port))?.pid).to.equal(process.pid)
    await new Promise((resolve) => server.close(resolve))
    expect(await portHolder(port)).to.equal(undefined)
  })

  it('fail with a reason: refused, too slow, too long, cut, not HTTP', async () => {
    const listener = await serve({ host: '127.0.0.1', port: 0 }, (request, response) => {
      if (request.url === '/long') response.end('x'.repeat(5000))
      if (request.url === '/cut') request.socket.destroy()
      if (request.url === '/slow') response.write('begins')
    })
    const why = (path: string, more = {}) =>
      ask(`http://127.0.0.1:${listener.port}${path}`, { timeoutMs: 5000, ...more }).then(
        () => 'answered',
        (error: Error) => error.message,
      )
    expect(await why('/long', { maxBytes: 1000 })).to.equal('the answer is longer than 1000 bytes')
    expect(await why('/cut')).to.match(/cut|hang up/)
    expect(await why('/slow', { timeoutMs: 50 })).to.equal('no answer within 0.05 s')
    await listener.close()
    expect(await why('/')).to.equal('connection refused')
    const odd = net.createServer((socket) => void socket.resume().end('hello\r\n\r\n')).listen(0, '127.0.0.1')
    await new Promise((resolve) => odd.once('listening', resolve))
    const answer = await ask(`http://127.0.0.1:${(odd.address() as AddressInfo).port}/`, { timeoutMs: 5000 }).catch(
      (error: Error) => error.message,
    )
    expect(answer).to.match(/Parse Error/)
    await new Promise((resolve) => odd.close(resolve))
  })
})
