import http from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server that speaks as much of S3 as restic does, with its objects in memory. */
export interface S3Server {
  readonly port: number
  readonly objects: Map<string, Buffer>
  /** From now on every connection is cut, as by a network that is gone. */
  goAway(): void
  comeBack(): void
  /** Called after each object that was stored. */
  onPut: () => void
  close(): void
}

/** Starts it on a free port of loopback. */
export async function s3Server(): Promise<S3Server> {
  const objects = new Map<string, Buffer>()
  let isGone = false
  const server = http.createServer(async (request, response) => {
    if (isGone) return void request.socket.destroy()
    const url = new URL(request.url ?? '/', 'http://localhost')
    const key = decodeURIComponent(url.pathname).replace(/^\/[^/]*\/?/, '')
    const chunks: Buffer[] = []
    for await (const chunk of request.on('error', () => {})) chunks.push(chunk as Buffer)
    if (isGone) return void request.socket.destroy()
    const send = (status: number, body: Buffer | string = '', headers: http.OutgoingHttpHeaders = {}) =>
      void response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body)
    if (url.searchParams.has('location')) return send(200, '<LocationConstraint></LocationConstraint>')
    if (request.method === 'GET' && key === '') return send(200, listing(objects, url.searchParams))
    if (request.method === 'PUT' && key !== '') {
      const body = Buffer.concat(chunks)
      const isChunked = String(request.headers['x-amz-content-sha256']).startsWith('STREAMING')
      objects.set(key, isChunked ? unchunked(body) : body)
      answered.onPut()
      return send(200, '', { etag: '"0"' })
    }
    if (request.method === 'DELETE') {
      objects.delete(key)
      return send(204)
    }
    const object = objects.get(key)
    if (key === '') return send(200)
    if (object === undefined) return send(404, '<Error><Code>NoSuchKey</Code><Message>no such key</Message></Error>')
    const about = { etag: '"0"', 'last-modified': new Date(0).toUTCString() }
    if (request.method === 'HEAD')
      return void response.writeHead(200, { ...about, 'content-length': object.length }).end()
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
    if (from === undefined) return send(200, object, about)
    const part = object.subarray(Number(from), to ? Number(to) + 1 : undefined)
    const range = `bytes ${from}-${Number(from) + part.length - 1}/${object.length}`
    return send(206, part, { ...about, 'content-range': range })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const answered: S3Server = {
    port: (server.address() as AddressInfo).port,
    objects,
    goAway() {
      isGone = true
      server.closeAllConnections()
    },
    comeBack() {
      isGone = false
    },
    onPut() {},
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
  return answered
}

function listing(objects: Map<string, Buffer>, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? ''
  const found = [...objects].filter(([key]) => key.startsWith(prefix)).sort()
  const isLevel = query.get('delimiter') === '/'
  const deeper = (key: string) => isLevel && key.slice(prefix.length).includes('/')
  const folders = new Set(
    found.filter(([key]) => deeper(key)).map(([key]) => `${prefix}${key.slice(prefix.length).split('/')[0]}/`),
  )
  const contents = found
    .filter(([key]) => !deeper(key))
    .map(
      ([key, { length }]) =>
        `<Contents><Key>${key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>"0"</ETag><Size>${length}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    )
  const prefixes = [...folders].map((folder) => `<CommonPrefixes><Prefix>${folder}</Prefix></CommonPrefixes>`)
  return `<?xml version="1.0"?><ListBucketResult><Name>b</Name><Prefix>${prefix}</Prefix><KeyCount>${found.length}</KeyCount><MaxKeys>10000</MaxKeys><IsTruncated>false</IsTruncated>${contents.join('')}${prefixes.join('')}</ListBucketResult>`
}

/** Takes the chunks of a signed upload apart (AWS Signature Version 4, "aws-chunked"). */
function unchunked(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf('\r\n', at)
    const size = Number.parseInt(body.toString('latin1', at, end), 16)
    if (!size) break
    parts.push(body.subarray(end + 2, end + 2 + size))
    at = end + 2 + size + 2
  }
  return Buffer.concat(parts)
}
