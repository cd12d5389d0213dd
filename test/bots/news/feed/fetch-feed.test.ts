import { createServer, type Server, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { BodyRoom } from '#bots/news/feed/body-room.js'
import { type FeedMemory, fetchFeed } from '#bots/news/feed/fetch-feed.js'
import { Lane } from '#bots/news/lane.js'
import { LIMITS, type Limits } from '#bots/news/limits.js'
import { fixture, rejection, rss, SHORT, serve, type TestServer, using } from '../support.js'

const FEED = rss([{ id: 'one' }, { id: 'two' }])

function fetchFrom(
  url: string,
  limits: Partial<Limits> = {},
  more: { memory?: FeedMemory; signal?: AbortSignal } = {},
) {
  return fetchFeed(new URL(url), {
    memory: more.memory ?? {},
    signal: more.signal ?? new AbortController().signal,
    limits: { ...LIMITS, ...SHORT, ...limits },
    lane: new Lane(),
    room: new BodyRoom(),
  })
}

const ids = async (feed: ReturnType<typeof fetchFeed>) => (await feed)?.entries.map(({ id }) => id)

/** A server below HTTP: it may break every rule. */
async function serveRaw(onConnection: (socket: Socket) => void): Promise<{ port: number; close(): Promise<void> }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Writes `chunk` again and again, as fast as it is taken. */
function pour(socket: Pick<Socket, 'write' | 'once' | 'destroyed'>, chunk: string): void {
  const more = () => {
    while (!socket.destroyed) {
      if (!socket.write(chunk)) return void socket.once('drain', more)
    }
  }
  more()
}

describe('news: fetchFeed', () => {
  it('reads real captures, asks for no compression and names itself', async () => {
    const body = await fixture('globenewswire-public-companies.rss')
    await using(
      serve((_, response) => response.end(body)),
      async (server) => {
        expect(await ids(fetchFrom(`${server.url}/feed?a=1#x`))).to.have.length(3)
        expect(server.requests[0]).to.include({ method: 'GET', url: '/feed?a=1' })
        expect(server.requests[0]?.headers).to.include({ 'accept-encoding': 'identity', 'user-agent': 'catalyst-bot' })
      },
    )
  })

  it('asks with ETag and Last-Modified the next time, and takes 304 for no change', () =>
    using(
      serve((request, response) => {
        if (request.headers['if-none-match'] === '"v1"' && request.headers['if-modified-since'] === 'then')
          return response.writeHead(304).end()
        return response.writeHead(200, { etag: '"v1"', 'last-modified': 'then' }).end(FEED)
      }),
      async ({ url, requests }) => {
        const memory: FeedMemory = {}
        expect(await ids(fetchFrom(url, {}, { memory }))).to.have.length(2)
        expect(await fetchFrom(url, {}, { memory })).to.equal(undefined)
        expect(requests).to.have.length(2)
      },
    ))

  it('forgets the ETag of an answer that ended in the middle', () =>
    using(
      serve((_, response) => response.writeHead(200, { etag: '"v1"' }).end(FEED.slice(0, -20))),
      async ({ url, requests }) => {
        const memory: FeedMemory = {}
        const feed = await fetchFrom(url, {}, { memory })
        expect(feed).to.include({ cut: 'it ends in the middle' })
        await fetchFrom(url, {}, { memory })
        expect(requests[1]?.headers).to.not.have.property('if-none-match')
      },
    ))

  for (const etag of ['"\xe9"', `"${'x'.repeat(8_000)}"`]) {
    it(`does not send back an ETag that servers might choke on: ${etag.slice(0, 10)}`, () =>
      using(
        serve((_, response) => response.writeHead(200, { etag }).end(FEED)),
        async ({ url, requests }) => {
          const memory: FeedMemory = {}
          for (let round = 0; round < 2; round++) expect(await ids(fetchFrom(url, {}, { memory }))).to.have.length(2)
          expect(requests[1]?.headers).to.not.have.property('if-none-match')
        },
      ))
  }

  it('leaves no connection open', async () => {
    const closed: Promise<unknown>[] = []
    await using(
      serveRaw((socket) => {
        closed.push(new Promise((resolve) => socket.resume().on('close', resolve)))
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${FEED.length}\r\n\r\n${FEED}`)
      }),
      async ({ port }) => {
        await fetchFrom(`http://127.0.0.1:${port}/`)
        expect(closed).to.have.length(1)
        const started = performance.now()
        await Promise.all(closed)
        expect(performance.now() - started).to.be.below(1_500)
      },
    )
  })

  for (const status of [500, 503, 408, 429]) {
    it(`tries again after ${status}, three times in all`, () =>
      using(
        serve((_, response, index) => response.writeHead(index < 2 ? status : 200).end(FEED)),
        async ({ url, requests }) => {
          expect(await ids(fetchFrom(url))).to.have.length(2)
          expect(requests).to.have.length(3)
        },
      ))
  }

  it('gives up after three tries and says why', () =>
    using(
      serve((_, response) => response.writeHead(503).end()),
      async ({ url, requests }) => {
        expect((await rejection(fetchFrom(url))).message).to.equal('HTTP 503')
        expect(requests).to.have.length(3)
      },
    ))

  it('does not ask again at once when the server wants a long pause', () =>
    using(
      serve((_, response) => response.writeHead(429, { 'retry-after': '600' }).end()),
      async ({ url, requests }) => {
        expect((await rejection(fetchFrom(url))).message).to.equal('HTTP 429')
        expect(requests).to.have.length(1)
      },
    ))

  for (const status of [400, 403, 404, 410, 304]) {
    it(`does not try again after ${status}`, () =>
      using(
        serve((_, response) => response.writeHead(status).end()),
        async ({ url, requests }) => {
          expect((await rejection(fetchFrom(url))).message).to.equal(`HTTP ${status}`)
          expect(requests).to.have.length(1)
        },
      ))
  }

  it('does not wait for the body of an answer it has no use for', () =>
    using(
      serve((request, response) => {
        if (request.url === '/') response.writeHead(302, { location: '/gone' }).write('endless')
        else response.writeHead(404).write('endless')
      }),
      async ({ url }) => expect((await rejection(fetchFrom(url))).message).to.equal('HTTP 404'),
    ))

  it('follows five redirects, relative ones too, and not a sixth', () =>
    using(
      serve((request, response) => {
        const left = Number(request.url.slice(1))
        if (left === 0) return response.end(FEED)
        return response.writeHead(302, { location: `/${left - 1}` }).end()
      }),
      async ({ url }) => {
        expect(await ids(fetchFrom(`${url}/5`))).to.have.length(2)
        expect((await rejection(fetchFrom(`${url}/6`))).message).to.equal('more than 5 redirects')
      },
    ))

  for (const [location, message] of [
    ['file:///etc/passwd', 'it redirects to a URL that is not HTTP'],
    ['javascript:1', 'it redirects to a URL that is not HTTP'],
    ['http://', 'HTTP 302 without a Location'],
    ['', 'HTTP 302 without a Location'],
  ] as const) {
    it(`refuses a redirect to '${location}'`, () =>
      using(
        serve((_, response) => response.writeHead(302, { location }).end()),
        async ({ url, requests }) => {
          expect((await rejection(fetchFrom(url))).message).to.equal(message)
          expect(requests).to.have.length(1)
        },
      ))
  }

  it('stops reading at the cap, uses the entries before it and says so', () =>
    using(
      serve((_, response) => {
        response.write('<rss><channel><item><guid>first</guid></item>')
        pour(response as unknown as Socket, `<x>${'.'.repeat(60_000)}</x>`)
      }),
      async ({ url }) => {
        const feed = await fetchFrom(url, { tryMs: 5_000 })
        expect(feed?.entries.map(({ id }) => id)).to.deep.equal(['first'])
        expect(feed?.cut).to.equal('it is larger than 3072 kB')
      },
    ))

  const refused: [name: string, headers: Record<string, string>, body: string | Buffer, message: string][] = [
    ['an HTML page', { 'content-type': 'text/html' }, '<!doctype html><html></html>', 'not a feed (an HTML page)'],
    ['an empty body', {}, '', 'not a feed (empty)'],
    ['gzip', { 'content-encoding': 'gzip' }, gzipSync(FEED), 'it is compressed, though that was not requested'],
  ]
  for (const [name, headers, body, message] of refused) {
    it(`refuses ${name}, without another try`, () =>
      using(
        serve((_, response) => response.writeHead(200, headers).end(body)),
        async ({ url, requests }) => {
          expect((await rejection(fetchFrom(url, { tryMs: 5_000 }))).message).to.equal(message)
          expect(requests).to.have.length(1)
        },
      ))
  }

  const hanging: [name: string, handler: Parameters<typeof serve>[0]][] = [
    ['hangs', () => {}],
    ['drips its body', (_, response) => drip(response as unknown as Socket, FEED)],
  ]
  for (const [name, handler] of hanging) {
    it(`gives a server that ${name} its time, exactly, in each of three tries`, () =>
      using(serve(handler), async ({ url, requests }) => {
        const started = performance.now()
        expect((await rejection(fetchFrom(url, { tryMs: 300 }))).message).to.equal('no answer within 0.3 s')
        expect(requests).to.have.length(3) // each came within that time
        expect(performance.now() - started).to.be.within(900, 9_000)
      }))
  }

  const raw: [name: string, url: (port: number) => string, write: (socket: Socket) => void, message: RegExp][] = [
    [
      'accepts a connection and hangs in TLS',
      (port) => `https://127.0.0.1:${port}/`,
      () => {},
      /^no answer within 0.3 s$/,
    ],
    [
      'sends headers without end',
      (port) => `http://127.0.0.1:${port}/`,
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n')
        pour(socket, `x-a: ${'a'.repeat(900)}\r\n`)
      },
      /^its headers are too large$/,
    ],
    [
      'sends 1xx answers without end',
      (port) => `http://127.0.0.1:${port}/`,
      (socket) => drip(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n', true),
      /^no answer within 0.3 s$|^not an HTTP answer/,
    ],
    [
      'does not speak HTTP',
      (port) => `http://127.0.0.1:${port}/`,
      (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      /^not an HTTP answer$/,
    ],
    [
      'breaks off in the middle',
      (port) => `http://127.0.0.1:${port}/`,
      (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n<rss>'),
      /^the connection broke off$/,
    ],
    [
      'lets the connection drop',
      (port) => `http://127.0.0.1:${port}/`,
      (socket) => socket.destroy(),
      /^the connection broke off$/,
    ],
  ]
  for (const [name, url, write, message] of raw) {
    // what is not about the time limit has enough of it, on a busy machine, too
    const tryMs = message.source.includes('0.3 s') ? 300 : 5000
    it(`survives a server that ${name}`, () =>
      using(serveRaw(write), async ({ port }) => {
        expect((await rejection(fetchFrom(url(port), { tryMs, tries: 1 }))).message).to.match(message)
      }))
  }

  it('names a refused connection', async () => {
    const closed = await serve(() => {})
    await closed.close()
    expect((await rejection(fetchFrom(closed.url))).message).to.equal('connection refused')
  })

  it('sends a password of the URL, but not along a redirect to another host', async () => {
    const other = await serve((_, response) => response.end(FEED))
    await using(
      serve((_, response) => response.writeHead(302, { location: other.url }).end()),
      async ({ url, requests }: TestServer) => {
        await fetchFrom(url.replace('//', '//me:p%40ss@'))
        expect(requests[0]?.headers.authorization).to.equal(`Basic ${Buffer.from('me:p@ss').toString('base64')}`)
        expect(other.requests[0]?.headers).to.not.have.property('authorization')
      },
    ).finally(() => other.close())
  })

  it('ends at once when it is told to', () =>
    using(
      serve(() => {}),
      async ({ url }) => {
        const stopper = new AbortController()
        const started = performance.now()
        setTimeout(() => stopper.abort(), 30)
        await rejection(fetchFrom(url, { tryMs: 60_000 }, { signal: stopper.signal }))
        expect(performance.now() - started).to.be.below(10_000)
      },
    ))
})

/** Writes a character every 20 ms, or with `whole` the whole text, until the socket is gone. */
function drip(socket: Pick<Socket, 'write' | 'destroyed'>, text: string, whole = false): void {
  let index = 0
  const timer = setInterval(() => {
    if (socket.destroyed) clearInterval(timer)
    else socket.write(whole ? text : (text[index++ % text.length] ?? ''))
  }, 20)
}
