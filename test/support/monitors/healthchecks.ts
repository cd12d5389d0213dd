import type http from 'node:http'

interface Ping {
  readonly action: 'start' | 'success' | 'fail' | 'log'
  readonly rid: string | null
  readonly method: string
  readonly body: string
}

/**
 * A check that acts as Healthchecks does: it takes pings, and is up, down, or waits for the end of a run. Sources: its
 * documentation ("Pinging API") and how it takes a ping (hc/api/models.py, `Check.ping`).
 */
export class HealthchecksCheck {
  readonly uuid = '5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278'
  readonly pings: Ping[] = []
  /** The requests that Healthchecks would refuse. */
  readonly refused: string[] = []
  status: 'new' | 'up' | 'down' = 'new'
  /** The run whose end it waits for: once the grace time is over, it alerts. */
  awaited: { readonly rid: string | null } | undefined
  /** The runs whose time it has measured. */
  readonly measured: (string | null)[] = []

  readonly handler: http.RequestListener = (request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const code = this.#take(request, body)
      response.writeHead(code).end(code === 200 ? 'OK' : '')
    })
  }

  #take({ method = '', url = '' }: http.IncomingMessage, body: string): number {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    const [, uuid, end = ''] = /^\/ping\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? []
    const rid = searchParams.get('rid')
    const isWrong = uuid !== this.uuid || !['', 'start', 'fail', 'log'].includes(end)
    const isWrongRun = rid !== null && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(rid)
    if (isWrong || isWrongRun || Buffer.byteLength(body) > 10_000) {
      this.refused.push(`${method} ${url}`)
      return isWrong ? 404 : 400
    }
    const action = (end || 'success') as Ping['action']
    this.pings.push({ action, rid, method, body })
    if (action === 'start') this.awaited = { rid }
    else if (action !== 'log') this.#end(action, rid)
    return 200
  }

  #end(action: 'success' | 'fail', rid: string | null): void {
    this.status = action === 'success' ? 'up' : 'down'
    if (this.awaited === undefined) return
    const isThat = this.awaited.rid === rid
    if (isThat) this.measured.push(rid)
    if (isThat || action === 'fail' || rid === null) this.awaited = undefined
  }
}
