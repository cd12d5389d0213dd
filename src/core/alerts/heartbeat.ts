import { messageOf } from '#core/errors.js'
import { ask } from '#core/platform/net/http.js'

const REQUEST_MS = 10_000

/**
 * Returns the address by which an outside monitor learns whether all is well. Healthchecks.io: the address itself, or
 * with `/fail` behind it. Uptime Kuma's push monitor: `status` and `msg` in its query.
 */
export function heartbeatUrl(base: string, isWell: boolean, message = isWell ? 'OK' : 'incident'): string {
  const url = new URL(base)
  if (isPushMonitor(url)) {
    url.searchParams.set('status', isWell ? 'up' : 'down')
    url.searchParams.set('msg', message)
  } else if (!isWell) {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/fail`
  }
  return url.href
}

/** Returns whether it is a push monitor of Uptime Kuma, which takes GET alone and its message in the query. */
function isPushMonitor({ pathname }: URL): boolean {
  return pathname.includes('/api/push/')
}

/**
 * Returns what sends the heartbeat to the outside monitor, in the background. A fault is reported once, and once when
 * it is over.
 */
export function heartbeat(
  base: string | undefined,
  onFault: (why: string | undefined) => void,
): (isWell: boolean, message?: string) => void {
  let isFaulty = false
  const note = (why: string | undefined) => {
    if ((why !== undefined) === isFaulty) return
    isFaulty = why !== undefined
    onFault(why)
  }
  return (isWell, message) => {
    if (base === undefined) return
    const hasBody = message !== undefined && !isPushMonitor(new URL(base)) // Healthchecks shows the body of a ping
    const more = hasBody ? { method: 'POST' as const, body: message } : {}
    ask(heartbeatUrl(base, isWell, message), { timeoutMs: REQUEST_MS, ...more }).then(
      ({ status }) => note(status >= 200 && status < 300 ? undefined : `HTTP ${status}`),
      (error) => note(messageOf(error)),
    )
  }
}
