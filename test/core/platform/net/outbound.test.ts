import fs from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import net, { type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { probe } from '#core/health/gauges/dependencies.js'
import { ask } from '#core/platform/net/http.js'
import { askOutside } from '#core/platform/net/outbound.js'
import { useProxiesOf } from '#core/platform/net/proxy.js'
import { isReachable } from '#core/platform/net/reach.js'

const LIMIT_MS = 300
const LOGIN = `Basic ${Buffer.from('user:pass word').toString('base64')}`

type Ask = (url: string, timeoutMs: number) => Promise<{ status: number; body: string }>

/** Whoever asks something outside, and whether a login in the address is sent. */
const ASKERS: [string, Ask, boolean][] = [
  ['what runs for long', (url, timeoutMs) => ask(url, { timeoutMs }), true],
  ['health check --url', askOutside, false],
]

describe('requests through a proxy', () => {
  const closing: (() => unknown)[] = []

  afterEach(async () => {
    useProxiesOf(process.env)
    for (const close of closing.splice(0).reverse()) await close()
  })

  async function listen(server: net.Server): Promise<number> {
    const sockets = new Set<net.Socket>()
    server.on('connection', (socket: net.Socket) => {
      sockets.add(socket.on('error', () => {}).once('close', () => sockets.delete(socket)))
    })
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    closing.push(() => {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(resolve))
    })
    return (server.address() as AddressInfo).port
  }

  /** A proxy that takes every connection and does this with it; the answer counts them. */
  async function bareProxy(onConnection: (socket: net.Socket) => void): Promise<() => number> {
    let count = 0
    const port = await listen(
      net.createServer((socket) => {
        count++
        onConnection(socket)
      }),
    )
    useProxiesOf({ HTTP_PROXY: `http://127.0.0.1:${port}`, HTTPS_PROXY: `http://127.0.0.1:${port}` })
    return () => count
  }

  /** A real one: every host is at this port. The answer tells what it was asked, and by whom. */
  async function proxyTo(port: number): Promise<string[]> {
    const asked: string[] = []
    const note = ({ method, url, headers }: http.IncomingMessage) => {
      asked.push(`${method} ${url} ${headers['proxy-authorization'] === LOGIN}`)
    }
    const server = http.createServer((request, response) => {
      note(request)
      const { pathname } = new URL(String(request.url))
      http.get({ port, path: pathname, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers)
        answer.pipe(response)
      })
    })
    server.on('connect', (request: http.IncomingMessage, socket: net.Socket) => {
      note(request)
      const target = net.connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        target.pipe(socket).pipe(target)
      })
      target.on('error', () => socket.destroy())
      socket.on('error', () => target.destroy()).once('close', () => target.destroy())
    })
    const proxy = `http://user:pass%20word@127.0.0.1:${await listen(server)}`
    useProxiesOf({ HTTP_PROXY: proxy, HTTPS_PROXY: proxy, NO_PROXY: 'direct.invalid' })
    return asked
  }

  const outcome = (answer: Promise<{ status: number; body: string }>) =>
    answer.then(
      ({ status, body }) => `${status} ${body}`,
      (error: Error) => error.message,
    )

  for (const [who, askIt, sendsLogin] of ASKERS) {
    describe(who, () => {
      for (const scheme of ['http', 'https']) {
        it(`ends in time when the proxy takes the connection and says nothing: ${scheme}`, async () => {
          const count = await bareProxy(() => {})
          const began = performance.now()
          expect(await outcome(askIt(`${scheme}://bot.example/`, LIMIT_MS))).to.equal('no answer within 0.3 s')
          expect(performance.now() - began).to.be.lessThan(5000)
          expect(count()).to.equal(1)
        })

        for (const [when, hangUp] of [
          ['at once', (socket: net.Socket) => socket.end()],
          ['rudely', (socket: net.Socket) => socket.resetAndDestroy()],
          ['when it is asked', (socket: net.Socket) => socket.once('data', () => socket.end())],
        ] as const)
          it(`does not ask a proxy again that hangs up ${when}: ${scheme}`, async () => {
            const count = await bareProxy(hangUp)
            expect(await outcome(askIt(`${scheme}://bot.example/`, 3000))).to.match(/cut|other side closed|no answer/)
            expect(count()).to.equal(1)
          })
      }

      it('say that the proxy is missing, or refuses', async () => {
        await bareProxy((socket) =>
          socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'),
        )
        expect(await outcome(askIt('https://bot.example/', 5000))).to.equal('the proxy answers HTTP 407')
        for (const close of closing.splice(0)) await close()
        expect(await outcome(askIt('https://bot.example/', 5000))).to.equal(
          "the proxy can't be asked: connection refused",
        )
      })

      it('end in time when the tunnel leads to a silent host', async () => {
        const count = await bareProxy((socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\n\r\n')))
        expect(await outcome(askIt('https://bot.example/', LIMIT_MS))).to.equal('no answer within 0.3 s')
        expect(count()).to.equal(1)
      })

      it('ask the proxy for an http address, with its login, and this machine directly', async () => {
        const port = await listen(
          http.createServer(({ url, headers }, response) =>
            response.end(`${url} ${headers.host} ${headers.authorization}`),
          ),
        )
        const asked = await proxyTo(port)
        const basic = sendsLogin ? `Basic ${Buffer.from('me:word').toString('base64')}` : undefined
        expect(await outcome(askIt('http://me:word@bot.example:8080/health/ping', 5000))).to.equal(
          `200 /health/ping bot.example:8080 ${basic}`,
        )
        expect(asked).to.deep.equal(['GET http://bot.example:8080/health/ping true'])
        expect(await outcome(askIt(`http://127.0.0.1:${port}/x`, 5000))).to.equal(`200 /x 127.0.0.1:${port} undefined`)
        expect(asked).to.have.length(1)
        expect(await outcome(askIt('http://direct.invalid/', 5000))).to.equal('the host name is unknown')
        expect(asked).to.have.length(1)
      })

      it('tunnel to an https address', async () => {
        const key = keyAndCertificate()
        const port = await listen(
          https.createServer(key, ({ url, headers }, response) => response.end(`${url} ${headers.host}`)),
        )
        const asked = await proxyTo(port)
        expect(await outcome(askIt('https://bot.example/', 5000)), 'an unknown issuer').to.match(/self.signed/i)
        process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
        closing.push(() => delete process.env.NODE_TLS_REJECT_UNAUTHORIZED)
        expect(await outcome(askIt('https://bot.example/health/ping', 5000))).to.equal('200 /health/ping bot.example')
        expect(asked.at(-1)).to.equal('CONNECT bot.example:443 true')
      })
    })
  }

  it('follow redirects for health check --url, each by the proxy it needs', async () => {
    const port = await listen(
      http.createServer(({ url }, response) =>
        url === '/' ? response.writeHead(302, { Location: 'http://other.example/there' }).end() : response.end(url),
      ),
    )
    const asked = await proxyTo(port)
    expect(await outcome(askOutside('http://bot.example/', 5000))).to.equal('200 /there')
    expect(asked).to.deep.equal(['GET http://bot.example/ true', 'GET http://other.example/there true'])
  })

  it('leave out what is requested directly', async () => {
    const count = await bareProxy((socket) => socket.end())
    const own = ask('http://bot.invalid/', { timeoutMs: 5000, direct: true })
    expect(await outcome(own)).to.equal('the host name is unknown')
    expect(count()).to.equal(0)
  })

  it('include those to a dependency', async () => {
    const asked = await proxyTo(await listen(http.createServer((_, response) => response.end())))
    expect(await probe({ name: 'x', url: 'http://api.example/', headers: {} })).to.equal(undefined)
    expect(asked).to.deep.equal(['GET http://api.example/ true'])
  })

  it('find a host reachable if the proxy reaches it or does not tell, and not if it fails or is silent', async () => {
    await proxyTo(await listen(net.createServer()))
    expect(await isReachable('https://bot.example/', 5000)).to.equal(true)
    for (const [code, isThere] of [
      [403, true],
      [502, false],
      [504, false],
    ] as const) {
      await bareProxy((socket) => socket.end(`HTTP/1.1 ${code} No\r\nContent-Length: 0\r\n\r\n`))
      expect(await isReachable('https://bot.example/', 5000), String(code)).to.equal(isThere)
    }
    await bareProxy(() => {})
    expect(await isReachable('https://bot.example/', LIMIT_MS)).to.equal(false)
    await bareProxy((socket) => socket.destroy())
    expect(await isReachable('https://bot.example/', 5000)).to.equal(false)
    useProxiesOf({ HTTPS_PROXY: 'socks5://127.0.0.1:1' })
    expect(await isReachable('https://bot.example/', 5000), 'a setting that is at fault').to.equal(true)
  })
})

/** Of nobody: made for this test, and good for a hundred years. */
function keyAndCertificate(): { key: string; cert: string } {
  const read = (name: string) =>
    fs.readFileSync(fileURLToPath(new URL(`../../../fixtures/tls/${name}.pem`, import.meta.url)), 'utf8')
  return { key: read('key'), cert: read('cert') }
}
