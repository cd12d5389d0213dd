import { gzipText, takesGzip } from '#core/platform/net/gzip.js'
import type { IncomingMessage, ServerResponse } from '#core/platform/net/http.js'
import type { StatusPage } from './status-page.js'

/** The headers of all that belongs to the page: nothing from outside, no script but its own, in no frame. */
const SAFE = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
}
/** Files have their content in their name. */
const FOREVER = 'private, max-age=31536000, immutable'

/** Answers a request that may see the status page. Returns false where there is nothing at its path. */
export async function answerPage(
  page: StatusPage,
  request: IncomingMessage,
  response: ServerResponse,
  instance: Readonly<Record<string, string>>,
): Promise<boolean> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const common = { ...SAFE, ...instance }
  await page.open()
  if (pathname === '/page/events') {
    showLive(page, request, response, common)
    return true
  }
  const answer = page.answer(pathname, searchParams)
  if (answer === undefined) return false
  const isZipped = takesGzip(request.headers['accept-encoding'])
  const encoding = { Vary: 'Accept-Encoding', ...(isZipped && { 'Content-Encoding': 'gzip' }) }
  if (answer.is === 'file') {
    const etag = `"${pathname.split('/').at(-1)}"`
    const caching = { 'Cache-Control': FOREVER, ETag: etag }
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, { ...common, ...caching }).end()
      return true
    }
    const { type, bytes, gzip } = answer.file
    send(response, isZipped ? gzip : bytes, { ...common, ...encoding, ...caching, 'Content-Type': type })
    return true
  }
  const body = isZipped ? await gzipText(answer.text) : Buffer.from(answer.text)
  send(response, body, { ...common, ...encoding, 'Cache-Control': 'no-store', 'Content-Type': answer.type })
  return true
}

function send(response: ServerResponse, body: Uint8Array, headers: Record<string, string>): void {
  response.writeHead(200, { ...headers, 'Content-Length': body.byteLength })
  response.end(body) // node leaves the body out of an answer to HEAD
}

function showLive(
  { live }: StatusPage,
  request: IncomingMessage,
  response: ServerResponse,
  common: Readonly<Record<string, string>>,
): void {
  if (!live.hasRoom) {
    const text = 'too many viewers: reload the page instead\n'
    response.writeHead(503, { ...common, 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '30' }).end(text)
    return
  }
  response.writeHead(200, {
    ...common,
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no', // else nginx holds it back
  })
  if (request.method === 'HEAD') response.end()
  else live.add(response)
}
