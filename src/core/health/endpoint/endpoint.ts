import { codeOf, messageOf } from '#core/errors.js'
import { INSTANCE_HEADER } from '#core/health/instance-header.js'
import { answerPage } from '#core/health/page/page-listener.js'
import type { StatusPage } from '#core/health/page/status-page.js'
import type { HealthReport } from '#core/health/report.js'
import type { HealthState } from '#core/health/status.js'
import type { IncomingMessage, RequestListener, ServerResponse } from '#core/platform/net/http.js'
import { type AccessRules, accessOf } from './access.js'

export interface EndpointOptions {
  readonly instance: string
  readonly access: AccessRules
  readonly state: () => HealthState
  readonly report: () => HealthReport
  /** Returns the figures for Prometheus, in its text format 0.0.4. */
  readonly metrics: () => Promise<string>
  readonly page: StatusPage
}

/** The list of paths. It lacks the word that monitors look for in a ping: a mistyped path must not seem healthy. */
const PATHS = `/health/ping      whether it works: 200, or 503 with the reason
/health           status in short, JSON
/health/detailed  all figures, JSON
/metrics          the figures for Prometheus
`

const TEXT = 'text/plain; charset=utf-8'
const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const OK = 'ok\n'
const JSON_TYPE = 'application/json; charset=utf-8'

/** Returns the request listener of the health endpoint. Everything it shows has been gathered before. */
export function healthEndpoint(options: EndpointOptions): RequestListener {
  const { instance, access, page } = options

  function headers(type: string, body: string) {
    return {
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      'Cache-Control': 'no-store',
      [INSTANCE_HEADER]: instance,
    }
  }

  function send(response: ServerResponse, code: number, type: string, body: string, more?: Record<string, string>) {
    response.writeHead(code, { ...headers(type, body), ...more })
    response.end(body) // node leaves the body out of an answer to HEAD
  }

  const well = headers(TEXT, OK) // what is asked most, made once

  function ping(response: ServerResponse) {
    const { status, reasons } = options.state()
    if (status === 'unhealthy') return send(response, 503, TEXT, `unhealthy: ${reasons.join('; ')}\n`)
    if (status === 'stopping') return send(response, 503, TEXT, 'stopping\n')
    response.writeHead(200, well)
    response.end(OK)
  }

  function show(request: IncomingMessage, response: ServerResponse) {
    answerPage(page, request, response, { [INSTANCE_HEADER]: instance }).then(
      (isThere) => isThere || notFound(response),
      (error) => {
        if (response.headersSent) response.destroy()
        else send(response, 500, TEXT, `the page can't be made: ${codeOf(error) ?? 'a fault of its own'}\n`)
      },
    )
  }

  function notFound(response: ServerResponse) {
    send(response, 404, TEXT, `not found; try:\n${PATHS}`)
  }

  function details(request: IncomingMessage, response: ServerResponse, path: string) {
    const report = options.report()
    const code = ['healthy', 'degraded'].includes(report.status) ? 200 : 503
    switch (path) {
      case '/':
        return request.headers.accept?.includes('text/html')
          ? show(request, response)
          : send(response, 200, TEXT, `${report.name}: ${report.status}\n\n${PATHS}`)
      case '/health': {
        const { status, timestamp, uptime_seconds, version, release, reasons } = report
        return send(response, code, JSON_TYPE, json({ status, timestamp, uptime_seconds, version, release, reasons }))
      }
      case '/health/detailed':
        return send(response, code, JSON_TYPE, json(report))
      case '/metrics':
        options.metrics().then(
          (text) => send(response, 200, METRICS_TYPE, text),
          (error) => send(response, 500, TEXT, `no metrics: ${messageOf(error)}\n`),
        )
    }
  }

  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0] as string
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return send(response, 405, TEXT, 'only GET and HEAD\n', { Allow: 'GET, HEAD', Connection: 'close' })
    }
    if (path === '/health/ping') return ping(response)
    const isOfPage = path.startsWith('/page/')
    if (!isOfPage && !['/', '/health', '/health/detailed', '/metrics'].includes(path)) return notFound(response)
    const { remoteAddress: remote, localAddress: local } = request.socket
    switch (accessOf(request.headers, { remote, local }, access)) {
      case 'token':
        return send(response, 401, TEXT, 'send the HEALTH_TOKEN as a bearer token, or as the password\n', {
          'WWW-Authenticate': 'Basic realm="health"',
        })
      case 'ping':
        return send(
          response,
          403,
          TEXT,
          'only /health/ping is open to requests from outside, which tunnels bring as well. To see more: set HEALTH_TOKEN in .env, restart the bot, and send it as a bearer token, or as the password\n',
        )
      case 'all':
        return isOfPage ? show(request, response) : details(request, response, path)
    }
  }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
