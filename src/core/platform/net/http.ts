import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type ConnectionLimits, limitConnections } from './connection-limits.js'
import { reasonOf } from './reason.js'
import { sendRequest } from './request.js'

export type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface Question {
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PATCH'
  readonly headers?: Record<string, string>
  readonly body?: string
  /** The limit for everything, from the connection to the last byte. */
  readonly timeoutMs: number
  /** True to bypass any proxy: for our own addresses. */
  readonly direct?: boolean
  /** The longest answer that is read; more is an error. Default 1 MiB. */
  readonly maxBytes?: number
  /** True to return what has arrived of an answer that is cut, too slow or too long: its status says enough. */
  readonly mayBeCut?: boolean
}

/**
 * Makes one HTTP request with node's own client, which costs a cold process a tenth of what fetch does, through the
 * proxy that the settings name for it. Follows no redirects.
 * @throws an Error that says why there was no answer: refused, too slow, too long, not HTTP.
 */
export async function ask(url: string, question: Question): Promise<Answer> {
  const { timeoutMs } = question
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
  try {
    return await exchange(new URL(url), question, limit.signal)
  } catch (error) {
    const cause = limit.signal.aborted ? limit.signal.reason : error
    throw new Error(reasonOf(cause), { cause })
  } finally {
    clearTimeout(timer)
  }
}

async function exchange(url: URL, question: Question, signal: AbortSignal): Promise<Answer> {
  const { method = 'GET', headers = {}, body, direct = false, maxBytes = 1024 * 1024, mayBeCut = false } = question
  const response = await sendRequest(url, { method, headers, body, direct, signal })
  response.setEncoding('utf8')
  let text = ''
  try {
    for await (const chunk of response as AsyncIterable<string>) {
      text += chunk
      if (text.length > maxBytes) throw new Error(`the answer is longer than ${maxBytes} bytes`)
    }
  } catch (error) {
    if (!mayBeCut) throw error
  }
  return { status: response.statusCode ?? 0, headers: response.headers, body: text }
}

export interface Listener {
  readonly port: number
  close(): Promise<void>
}

/**
 * The limits of a listener that names none. All listeners of a bot together stay well below 1024 descriptors, which is
 * all that some systems give a process.
 */
const LIMITS: ConnectionLimits = { total: 384, perAddress: 256 }

/**
 * Serves HTTP. Closes slow, silent and huge requests, and the oldest of too many connections, so that they can't keep
 * others out.
 * @throws the system's error, such as `EADDRINUSE`.
 */
export function serve(
  where: { host: string; port: number; limits?: ConnectionLimits },
  handler: http.RequestListener,
): Promise<Listener> {
  const server = http.createServer(
    {
      headersTimeout: 5000,
      requestTimeout: 10_000,
      keepAliveTimeout: 5000,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: 16_384,
    },
    handler,
  )
  limitConnections(server, where.limits ?? LIMITS)
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: where.host, port: where.port, exclusive: true }, () => {
      server.off('error', reject)
      server.on('error', () => {}) // an accept that failed (EMFILE) must not end the bot
      resolve({
        port: (server.address() as AddressInfo).port,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed())
            server.closeAllConnections()
          }),
      })
    })
  })
}
