import type http from 'node:http'
import { sendRequest } from '#core/platform/net/request.js'

export interface HttpRequest {
  readonly method?: 'GET' | 'POST'
  readonly headers: Record<string, string>
  readonly body?: string
  /** Aborts the request at once, whatever it waits for: a name, a connection, headers or the body. */
  readonly signal: AbortSignal
  /** The maximum size of the body; what follows is left unread. */
  readonly maxBytes: number
  /** Returns whether an answer's body is needed; for others only the headers are awaited. */
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
 * Makes one HTTP request on a connection of its own; follows no redirect, undoes no compression. It uses node's own
 * client, because a bot lives for months: a larger one keeps 15 MB for the same few requests.
 * @throws the signal's reason when it aborts, else the error of the socket or the parser; see {@link reasonOf}
 */
export async function httpRequest(url: URL, options: HttpRequest): Promise<HttpAnswer> {
  const { signal } = options
  signal.throwIfAborted()
  try {
    return await exchange(url, options)
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

async function exchange(url: URL, options: HttpRequest): Promise<HttpAnswer> {
  const { signal, method = 'GET', headers: sent, body } = options
  const answer = await sendRequest(url, { method, headers: sent, body, signal, maxHeaderSize: 32 * 1024 })
  answer.on('error', () => {}) // the loop below throws it; destroying the rest of a body is one, too
  try {
    const status = answer.statusCode ?? 0
    const headers = flat(answer.headers)
    if (!options.wantsBody(status)) return { status, headers, chunks: [], cut: false }
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      size += chunk.length
      if (size > options.maxBytes) break
      await options.onGrow?.(size)
    }
    const excess = size - options.maxBytes
    if (excess > 0) chunks.push((chunks.pop() as Buffer).subarray(0, -excess))
    return { status, headers, chunks, cut: excess > 0 }
  } finally {
    answer.destroy()
  }
}

function flat(headers: http.IncomingHttpHeaders): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value
    if (first !== undefined) result[name] = first
  }
  return result
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection broke off',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'the host name could not be looked up',
  HPE_HEADER_OVERFLOW: 'its headers are too large',
}

/**
 * Returns in a few words why a request failed. It names codes only, never a URL: a URL can be a secret, and some errors
 * carry it along.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure'
  const code = (error as NodeJS.ErrnoException).code
  if (typeof code !== 'string') return error.message
  return REASONS[code] ?? (code.startsWith('HPE_') ? 'not an HTTP answer' : code)
}
