import { CatalystError, codeOf, EXIT, messageOf } from '#core/errors.js'
import { type Clock, sleep } from '#core/platform/clock.js'
import { type Listener, type RequestListener, serve } from '#core/platform/net/http.js'
import { nameHolder } from '#core/platform/net/port-holder.js'

/** The time for which a taken port is tried again: a predecessor may still be closing. */
const TAKEN_PORT_MS = 10_000
const RETRY_MS = 250

/**
 * Listens on the endpoint's address before the bot is loaded: a bot nobody can ask never runs.
 * @throws CatalystError PORT_TAKEN, SETTINGS_INVALID for a port that this user is not permitted to take
 */
export async function openEndpoint(
  clock: Clock,
  where: { host: string; port: number },
  handler: RequestListener,
  options: { signal: AbortSignal; onWait: () => void },
): Promise<Listener | undefined> {
  const until = clock.monotonic() + TAKEN_PORT_MS
  for (let first = true; !options.signal.aborted; first = false) {
    try {
      return await serve(where, handler)
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') throw notOpened(where, messageOf(error), error)
      if (clock.monotonic() >= until) throw notOpened(where, `it is held by ${await nameHolder(where.port)}`, error)
      if (first) options.onWait()
      await sleep(clock, RETRY_MS, options.signal)
    }
  }
  return undefined
}

/**
 * Returns why the endpoint is not permitted its port at all, as one below 1024 to most users; undefined where it is.
 * Only such a port is tried, for a moment: any other one may be taken by the bot itself.
 */
export async function refusedPort(where: { host: string; port: number }): Promise<CatalystError | undefined> {
  if (where.port === 0 || where.port >= 1024) return undefined
  try {
    await (await serve(where, (_request, response) => response.end())).close()
    return undefined
  } catch (error) {
    const refused = notOpened(where, messageOf(error), error)
    return refused.exit === EXIT.settings ? refused : undefined
  }
}

function notOpened(where: { host: string; port: number }, why: string, cause: unknown): CatalystError {
  return new CatalystError(`The health endpoint can't listen on ${where.host} port ${where.port}: ${why}.`, {
    ...remedyOf(codeOf(cause)),
    cause,
  })
}

function remedyOf(code: string | undefined): Pick<CatalystError, 'code' | 'exit' | 'suggestions'> {
  // Windows says EACCES also for a port that another program keeps to itself
  if (code === 'EACCES' && process.platform !== 'win32') {
    const suggestions = ['Set a HEALTH_CHECK_PORT of 1024 or above in .env: lower ones are for administrators.']
    return { code: 'SETTINGS_INVALID', exit: EXIT.settings, suggestions }
  }
  const suggestions = ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN'].includes(code ?? '')
    ? // which may come with the network: worth another start
      ['Set HEALTH_CHECK_HOST in .env to an address of this machine.']
    : ['End that program, or set another HEALTH_CHECK_PORT in .env.']
  return { code: 'PORT_TAKEN', exit: EXIT.busy, suggestions }
}
