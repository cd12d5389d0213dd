import net, { type AddressInfo, type Socket } from 'node:net'
import { expect } from 'chai'
import { askLoopback } from '#core/platform/net/ask-loopback.js'
import { serve } from '#core/platform/net/http.js'
import { sendText } from '#core/platform/net/send-text.js'

const LIMIT_MS = 5000

describe('a question to a server of ours on this machine', () => {
  /** Asks a server that takes a connection so, and returns the answer, or why there was none. */
  async function ask(take: (socket: Socket) => void, timeoutMs = LIMIT_MS) {
    const sockets: Socket[] = []
    const server = net.createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => {}).resume()
      take(socket)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const answer = await askLoopback(`http://127.0.0.1:${port}/`, timeoutMs).catch((error: Error) => error.message)
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
    return answer
  }

  it('is answered with status, headers and body, whatever characters are in it', async () => {
    const listener = await serve({ host: '127.0.0.1', port: 0 }, (request, response) => {
      response.setHeader('Some-Header', 'of: its own')
      sendText(response, 404, `${request.method} ${request.url}: größer\r\n\r\n${'x'.repeat(200_000)}`)
    })
    const { status, headers, body } = await askLoopback(`http://127.0.0.1:${listener.port}/a/b`, LIMIT_MS)
    expect(status).to.equal(404)
    expect(headers['some-header']).to.equal('of: its own')
    expect(body).to.equal(`GET /a/b: größer\r\n\r\n${'x'.repeat(200_000)}\n`)
    await listener.close()
  })

  it('is answered without a body, and in parts that come one after the other', async () => {
    const parts = ['HTTP/1.1 20', '0 OK\r\nA: 1\r', '\n\r\nit ', 'works']
    const send = (socket: Socket) => {
      const part = parts.shift()
      if (part === undefined) socket.end()
      else socket.write(part, () => setImmediate(send, socket))
    }
    expect(await ask(send)).to.deep.include({ status: 200, headers: { a: '1' }, body: 'it works' })
    expect(await ask((socket) => socket.end('HTTP/1.0 204 No Content\r\n\r\n'))).to.deep.include({
      status: 204,
      body: '',
    })
  })

  it('fails with a reason: refused, cut, too slow, too long, not HTTP', async () => {
    const listener = await serve({ host: '127.0.0.1', port: 0 }, () => {})
    await listener.close()
    const refused = askLoopback(`http://127.0.0.1:${listener.port}/`, LIMIT_MS)
    expect(await refused.catch((error: Error) => error.message)).to.equal('connection refused')
    const cut = 'the connection was cut'
    expect(await ask((socket) => socket.end())).to.equal(cut)
    expect(await ask((socket) => socket.resetAndDestroy())).to.equal(cut)
    expect(await ask((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'))).to.equal(cut)
    expect(await ask((socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nbegins'), 50)).to.equal('no answer within 0.05 s')
    expect(await ask((socket) => socket.write('x'.repeat(2 ** 21)))).to.equal('the answer is longer than 1048576 bytes')
    for (const words of ['hello\r\n\r\n', 'HTTP/1.1 200 OK\r\n', 'HTTP/2 200\r\n\r\n'])
      expect(await ask((socket) => socket.end(words)), words).to.equal('the answer is not HTTP')
  })
})
