import type http from 'node:http'

/**
 * A push monitor that acts as Uptime Kuma's does. Source: its `server/routers/api-router.js`: a `ping` that is no number is
 * refused, and every `status` but `up` is a fault.
 */
export class PushMonitor {
  readonly token = 'TOKEN'
  readonly beats: { readonly status: 'up' | 'down'; readonly msg: string; readonly ping: number | null }[] = []
  readonly refused: string[] = []

  readonly handler: http.RequestListener = ({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://localhost')
    const ping = searchParams.get('ping') || null
    const isPing = ping === null || (Number(ping) >= 0 && Number(ping) <= 86_400_000)
    if (pathname !== `/api/push/${this.token}` || !isPing) {
      this.refused.push(url)
      response.writeHead(isPing ? 404 : 400).end('{"ok":false}')
      return
    }
    this.beats.push({
      status: (searchParams.get('status') || 'up') === 'up' ? 'up' : 'down',
      msg: searchParams.get('msg') || 'OK',
      ping: ping === null ? null : Number(ping),
    })
    response.end('{"ok":true}')
  }
}
