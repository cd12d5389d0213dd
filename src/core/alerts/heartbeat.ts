import { messageOf } from '#core/errors.js'
import { ask } from '#core/platform/net/http.js'

const REQUEST_MS = 10_000

/**
 * Returns the address by which an outside monitor learns whether all is well. Healthchecks.io: the address itself, or
 * with `/fail` behind it. Uptime Kuma's push monitor: `status` and `msg` in its query.
 */
export function heartbeatUrl(base: string, isWell: boolean): string {
  const url = new URL(base)
  if (url.pathname.includes('/api/push/')) {
    url.searchParams.set('status', isWell ? 'up' : 'down')
    url.searchParams.set('msg', isWell ? 'OK' : 'incident')
  } else if (!isWell) {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/fail`
  }
  return url.href
}

/**
 * Returns what sends the heartbeat to the outside monitor, in the background. A fault is reported once, and once when
 * it is over.
 */
export function heartbeat(
  base: string | undefined,
  onFault: (why: string | undefined) => void,
): (isWell: boolean) => void {
  let isFaulty = false
  const note = (why: string | undefined) => {
    if ((why !== undefined) === isFaulty) return
    isFaulty = why !== undefined
    onFault(why)
  }
  return (isWell) => {
    if (base === undefined) return
    ask(heartbeatUrl(base, isWell), { timeoutMs: REQUEST_MS }).then(
      ({ status }) => note(status >= 200 && status < 300 ? undefined : `HTTP ${status}`),
      (error) => note(messageOf(error)),
    )
  }
}
