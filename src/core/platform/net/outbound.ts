import type { Socket } from 'node:net'
import type { buildConnector, Dispatcher } from 'undici'
import type { Answer } from './http.js'
import { proxyFor } from './proxy.js'
import { reasonOf } from './reason.js'
import { forwardedAs, openTunnel } from './request.js'

const MAX_REDIRECTS = 5
const MAX_BYTES = 1024 * 1024

/**
 * Sends a GET across the internet with redirects, for short commands. It costs 140 ms and 15 MB to load; a long-running
 * process uses {@link ask}. It goes through the same proxies, but not with undici's own agent for them, which waits for
 * ever for one that doesn't answer and asks one that hangs up in a loop.
 * @throws an Error that says why there was no answer
 */
export async function askOutside(url: string, timeoutMs: number): Promise<Answer> {
  const { Agent, buildConnector: connector, interceptors, request } = await import('undici')
  const limit = new AbortController()
  const late = new Error(`no answer within ${timeoutMs / 1000} s`)
  const { signal } = limit
  const overTcp = connector({ timeout: timeoutMs })
  const connect: typeof overTcp = (options, callback) => {
    tunnelTo(options, signal).then(
      (httpSocket) => overTcp(httpSocket ? { ...options, httpSocket } : options, callback),
      (error) => callback(error, null),
    )
  }
  const agent = new Agent({ connect, maxResponseSize: MAX_BYTES })
  const dispatcher = agent.compose(byProxy).compose(interceptors.redirect({ maxRedirections: MAX_REDIRECTS }))
  const ended = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(late)))
  const timer = setTimeout(() => limit.abort(late), timeoutMs)
  try {
    const asked = request(url, { dispatcher, signal }).then(async ({ statusCode, headers, body }) => {
      return { status: statusCode, headers, body: await body.text() }
    })
    return await Promise.race([asked, ended])
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error })
  } finally {
    clearTimeout(timer)
    void agent.destroy()
  }
}

/** Opens a tunnel to the target of a connection, if that is https and there is a proxy. */
async function tunnelTo(
  { protocol, hostname, port }: buildConnector.Options,
  signal: AbortSignal,
): Promise<Socket | undefined> {
  const url = new URL(`${protocol}//${hostname}${port && `:${port}`}`)
  const proxy = protocol === 'https:' ? proxyFor(url) : undefined
  return proxy && openTunnel(url, proxy, signal)
}

/** Sends a request for an http address to the proxy itself, if there is one. */
const byProxy: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const url = new URL(options.path, options.origin)
  const proxy = url.protocol === 'http:' ? proxyFor(url) : undefined
  return dispatch(proxy ? { ...options, origin: proxy.origin, ...forwardedAs(url, proxy) } : options, handler)
}
