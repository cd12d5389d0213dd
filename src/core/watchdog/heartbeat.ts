import { messageOf } from '#core/errors.js'
import { ask } from '#core/system/http.js'

const REQUEST_MS = 10_000

/**
 * The address that tells an outside monitor how things are. Healthchecks.io: the address itself, or with `/fail` behind it.
 * Uptime Kuma's push monitor: `status` and `msg` in its query.
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

/** Tells the outside monitor, in the background; why it couldn't be told is said once. */
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
