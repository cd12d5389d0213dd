import request from 'undici/lib/api/api-request.js'
import Client from 'undici/lib/dispatcher/client.js'

export interface HttpRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body?: string
  /** Ends the request at once, whatever it waits for: a name, a connection, headers or the body. */
  readonly signal: AbortSignal
  /** The body is read up to here; what follows is left unread. */
  readonly maxBytes: number
  /** Which answers' bodies are wanted; of the others only the headers are awaited. */
  readonly wantsBody: (status: number) => boolean
  /** Called as the body grows, with its size so far; reading goes on when the promise resolves. */
  readonly onGrow?: (size: number) => Promise<void> | undefined
}

export interface HttpAnswer {
  readonly status: number
  /** Lower-case names; of a repeated header, the first value. */
  readonly headers: Readonly<Record<string, string>>
  /** The body as it came; joined only where it is read, so that many bodies at once are not held twice. */
  readonly chunks: readonly Buffer[]
  /** True when the body went on after `maxBytes`. */
  readonly cut: boolean
}

/**
 * Makes one HTTP request on a connection of its own; follows no redirect, undoes no compression.
 * @throws the signal's reason when it aborts, else what undici or the socket says; see {@link reasonOf}
 */
export async function httpRequest(url: URL, options: HttpRequest): Promise<HttpAnswer> {
  const { signal } = options
  signal.throwIfAborted()
  // No limits of undici's own: its timers are coarse, the signal is exact. TCP keep-alive makes no sense for one
  // request, and setting it fails on Wine.
  const client = new Client(url.origin, {
    connect: { keepAlive: false, timeout: 0, signal },
    headersTimeout: 0,
    bodyTimeout: 0,
    maxHeaderSize: 32 * 1024,
  })
  let onAbort = () => {}
  // undici notices an abort only once it is connected, hence the race.
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([exchange(client, url, options), aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
    client.destroy().catch(() => {})
  }
}

async function exchange(client: Client, url: URL, options: HttpRequest): Promise<HttpAnswer> {
  const answer = await request.call(client, {
    path: url.pathname + url.search,
    method: options.method ?? 'GET',
    headers: { ...credentials(url), ...options.headers },
    ...(options.body === undefined ? {} : { body: options.body }),
    signal: options.signal,
  })
  // Leaving the loop early destroys the body, which then reports that as an error.
  answer.body.on('error', () => {})
  const { statusCode: status } = answer
  const headers = flat(answer.headers)
  if (!options.wantsBody(status)) return { status, headers, chunks: [], cut: false }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > options.maxBytes) break
    await options.onGrow?.(size)
  }
  const excess = size - options.maxBytes
  if (excess > 0) chunks.push((chunks.pop() as Buffer).subarray(0, -excess))
  return { status, headers, chunks, cut: excess > 0 }
}

function credentials(url: URL): Record<string, string> {
  if (!url.username && !url.password) return {}
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value
    if (first !== undefined) result[name.toLowerCase()] = first
  }
  return result
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection broke off',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'the host name could not be looked up',
  UND_ERR_SOCKET: 'the connection broke off',
  UND_ERR_HEADERS_OVERFLOW: 'its headers are too large',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the connection broke off',
}

/**
 * Says in a few words why a request failed. It names codes only, never a URL: a URL can be a secret, and some errors
 * carry it along.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure'
  if (error.name === 'HTTPParserError') return 'not an HTTP answer'
  const code = (error as NodeJS.ErrnoException).code
  if (typeof code !== 'string') return error.message
  return REASONS[code] ?? code
}
