import http from 'node:http'
import net, { type Socket } from 'node:net'
import { portOf, proxyFor } from './proxy.js'
import { reasonOf } from './reason.js'

export interface OutgoingRequest {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string | undefined
  readonly maxHeaderSize?: number
  /** True to bypass any proxy. */
  readonly direct?: boolean
  /** Aborts it at once, whatever it waits for: a name, a proxy, a connection, headers or the body. */
  readonly signal: AbortSignal
}

/**
 * Sends a request with node's own client, on a connection of its own, through the proxy if there is one; returns when
 * the answer's headers have arrived.
 * @throws the error of the socket, the parser or the proxy; see {@link reasonOf}
 */
export async function sendRequest(url: URL, outgoing: OutgoingRequest): Promise<http.IncomingMessage> {
  const { body, direct, ...options } = outgoing
  const { request, target, more } = await wayTo(url, outgoing)
  return new Promise((resolve, reject) => {
    const headers = { ...more.headers, ...options.headers }
    request(target, { agent: false, ...options, ...more, headers })
      .once('response', resolve)
      .on('error', reject)
      .end(body)
  })
}

/** The client, the address that it connects to, and further options for it. */
interface Way {
  readonly request: typeof http.request
  readonly target: URL
  readonly more: http.RequestOptions & { readonly headers?: Record<string, string> }
}

async function wayTo(url: URL, { signal, direct }: OutgoingRequest): Promise<Way> {
  const proxy = direct ? undefined : proxyFor(url)
  const request = await clientFor(url)
  if (proxy === undefined) return { request, target: url, more: {} }
  // an http address is requested from the proxy itself, which needs no tunnel for it, and mostly refuses one
  if (url.protocol === 'http:') return { request: await clientFor(proxy), target: proxy, more: forwardedAs(url, proxy) }
  const socket = await openTunnel(url, proxy, signal)
  const { connect } = await import('node:tls')
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const names = net.isIP(host) ? { host } : { host, servername: host }
  const createConnection = () => connect({ socket, ...names })
  return { request, target: url, more: { agent: undefined, defaultPort: 443, createConnection } }
}

/** Returns the request to a proxy that stands for one to an http address. */
export function forwardedAs(url: URL, proxy: URL): { path: string; headers: Record<string, string> } {
  const path = new URL(url)
  path.username = ''
  path.password = ''
  path.hash = ''
  return {
    path: path.href,
    headers: { Host: url.host, ...login('Authorization', url), ...login('Proxy-Authorization', proxy) },
  }
}

/** The answer of a proxy that refuses a connection. */
export class ProxyRefused extends Error {
  readonly status: number

  constructor(status: number) {
    super(`the proxy answers HTTP ${status}`)
    this.status = status
  }
}

/**
 * Opens a connection to the host of an address through a proxy (CONNECT, RFC 9110 section 9.3.6).
 * @throws ProxyRefused, or an Error that says why the proxy couldn't be reached
 */
export async function openTunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const request = await clientFor(proxy)
  const path = `${url.hostname}:${portOf(url)}`
  const headers = { Host: path, ...login('Proxy-Authorization', proxy) }
  return new Promise((resolve, reject) => {
    request(proxy, { method: 'CONNECT', path, headers, signal, agent: false })
      .once('connect', ({ statusCode = 0 }: http.IncomingMessage, socket: Socket) => {
        if (statusCode >= 200 && statusCode < 300) return resolve(socket)
        socket.destroy()
        reject(new ProxyRefused(statusCode))
      })
      .on('error', (error) => reject(new Error(`the proxy can't be asked: ${reasonOf(error)}`, { cause: error })))
      .end()
  })
}

async function clientFor(url: URL): Promise<typeof http.request> {
  return url.protocol === 'https:' ? (await import('node:https')).request : http.request
}

function login(header: string, { username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {}
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { [header]: `Basic ${Buffer.from(pair).toString('base64')}` }
}
