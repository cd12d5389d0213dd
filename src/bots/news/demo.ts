import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { demoItem, demoRss, FEED_LENGTH, FIRST_ITEMS, nextItems, type VisibleItem } from '#bots/news/feed/demo-feed.js'

export interface DemoServer {
  readonly url: URL
  close(): Promise<void>
}

const PATH = '/feed.xml'
const MINUTE = 60_000

/**
 * Serves the invented feed on a free port of 127.0.0.1, so that the demo goes through the same network code as real
 * feeds. It keeps no process alive.
 * @param now milliseconds since 1970
 * @throws Error when no port is available
 */
export async function startDemo(now: () => number): Promise<DemoServer> {
  const server = createServer(demoListener(now))
  server.unref()
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`the demo feed can't be served: ${error.message}`)))
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: new URL(`http://127.0.0.1:${port}${PATH}`),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function demoListener(now: () => number): RequestListener {
  const run = now().toString(36)
  const items: VisibleItem[] = []
  let requests = 0
  let count = 0
  const show = (published: number) => items.push(demoItem(run, count++, published))
  return (request, response) => {
    if (request.method !== 'GET' || request.url !== PATH) {
      response.writeHead(404).end()
      return
    }
    const started = now()
    if (requests === 0) for (let age = FIRST_ITEMS; age > 0; age--) show(started - age * MINUTE)
    else for (let left = nextItems(requests); left > 0; left--) show(started)
    requests++
    items.splice(0, items.length - FEED_LENGTH)
    response.writeHead(200, { 'content-type': 'application/rss+xml; charset=utf-8' }).end(demoRss(items))
  }
}
